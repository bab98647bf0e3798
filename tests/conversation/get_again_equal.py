"""Whoever asks for a file again and again gets the same bytes, head and all but its date; /d, HEAD, HTTP/1.0, the operator's listener and the last
request of a connection get what is theirs, whoever asked before them."""
from talk import *
from talk.slots import store
import os

TIMES = 5


def run(t):
    ferry = t.ferry(ways=True, conf={"storage.expire_after": "30d", "limits.requests": str(2 * TIMES + 2)})
    for way in HTTP_WAYS:
        s, empty, most = (store(t, ferry, name, data) for name, data in (("ä.txt", "Grüße\n".encode()), ("none", b""), ("b", os.urandom(32768))))
        for file in (s, empty, most):
            h = t.http(ferry, way=way)
            shown = [h.request("GET", path).response() for _ in range(TIMES) for path in (file.get_path, file.download)]
            for i, r in enumerate(shown):
                plain = [[(n, v) for n, v in one.headers if n != "Date"] for one in (r, shown[i % 2])]
                eq((r.status, r.body, plain[0]), (200, shown[0].body, plain[1]), f"{way}: {i}")
            ok(shown[-1]["Content-Disposition"].startswith("attachment;"), way)
            ok(shown[-1]["Vary"] != shown[-2]["Vary"], way)
            h.close()

    s = store(t, ferry, "a.txt", b"0123456789")

    def again():
        for _ in range(TIMES):
            r = t.get(s.get)
        return r
    head, first = t.head(s.get), again()
    eq([p for p in head.headers if p[0] != "Date"], [p for p in first.headers if p[0] != "Date"], "HEAD")
    again()
    old = t.http(ferry)
    old.request("GET", s.get_path, version="HTTP/1.0")
    eq(old.response().body, b"0123456789", "HTTP/1.0")
    old.closed()
    admin = t.http(ferry, listener="admin")
    for _ in range(TIMES):
        eq(admin.request("GET", s.get_path).response()["Referrer-Policy"], "same-origin", "the operator's")
        eq(t.get(s.get)["Referrer-Policy"], "no-referrer")
    most = 2 * TIMES + 2
    h = t.http(ferry)
    for i in range(most):
        eq(h.request("GET", s.get_path).response()["Connection"], "close" if i == most - 1 else None, f"request {i}")
    h.closed()
    h = t.http(ferry)
    eq(h.request("GET", s.get_path).response()["Connection"], None, "of the next one")
