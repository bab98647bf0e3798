"""Row 100: a connection has as many requests as [limits] requests says: the last answer, and no other, says that it is the end; what was
sent behind it is not answered and harms nothing. Whatever the requests are: downloads, uploads, refusals. nginx takes a new connection."""
from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry(ways=True, conf={"limits.requests": "5"})
    data = bytes(range(256)) * 400
    s = store(t, ferry, "a.bin", data)
    for way in HTTP_WAYS:
        if way in NGINX_WAYS:  # what it has from us is kept for its next client
            for _ in range(12):
                eq(t.http(ferry, way=way).request("GET", s.get_path).expect_status(200).body, data, way)
            continue
        h = t.http(ferry, way=way)
        had = 1 if "later" in way else 0  # one that was there before us
        get = f"GET {s.get_path} HTTP/1.1\r\nHost: {h.host}\r\n\r\n".encode()
        h.write(get * 20, quiet=True)
        for i in range(had + 1, 6):
            h.method = "GET"
            r = h.expect_status(200)
            eq(r.body, data, way)
            eq((r["Connection"] or "").lower() == "close", i == 5, f"{way}: answer {i}")
        h.closed()
        ok(not h.inbuf, "and nothing else")
    for way in ("first", "tls-first"):
        up = slot(t, ferry, "b.bin", len(data))
        h = t.http(ferry, way=way)
        for _ in range(4):
            h.request("GET", "/nothing")
            ok("close" not in (h.expect_status(404)["Connection"] or ""), way)
        h.request("PUT", up.put_path, body=data)
        eq(h.expect_status(201)["Connection"], "close", way)
        h.closed()
        eq(t.get(up.get).body, data)
    ferry.write_conf(**{"limits.requests": "0"})
    ferry.reload()
    h = t.http(ferry)
    for _ in range(10):
        h.request("GET", s.get_path)
        eq(h.expect_status(200)["Connection"], None)
