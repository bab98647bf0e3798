"""Row 100: 1000 requests in one go are answered in order, in bounded memory, by every way in; so are 1000 in one go behind a reader who
takes nothing until all are written. nginx ends a connection after 1000."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(ways=True, mode="plain")
    data = bytes(range(200))
    s = store(t, ferry, "a.bin", data)
    for way in HTTP_WAYS:
        before = ferry.rss_kb()
        h = t.http(ferry, way=way)
        h.quiet = True
        n = 1000 if way in OWN_WAYS else 999
        for late in (False, True) if way in OWN_WAYS else (False,):
            requests = b"".join(f"GET {s.get_path} HTTP/1.1\r\nHost: {h.host}\r\nRange: bytes={i % 200}-{i % 200}\r\n\r\n".encode() for i in range(n))
            h.paused = late
            h.write(requests, quiet=True)
            h.paused = False
            for i in range(n):
                h.method = "GET"
                eq(h.expect_status(206).body, data[i % 200:i % 200 + 1], way)
        ok(ferry.rss_kb() - before < 3000, f"{way}: memory grew by {ferry.rss_kb() - before} kB")
