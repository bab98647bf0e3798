"""Later heads of a connection are checked too: two lengths, length with coding, two hosts, a name that is no token."""
from talk import *


def run(t):
    ferry = t.ferry()
    for fields in ("Content-Length: 5\r\nContent-Length: 6\r\n", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Transfer-Encoding: xchunked\r\n",
                   "Host: localhost\r\n", "Bad name: x\r\n", "Content-Length: +5\r\n", "Content-Length: 5,5\r\n", "Host : localhost\r\n"):
        h = t.http(ferry)
        h.request("GET", "/livez")
        h.expect_status(200)
        h.write(f"GET /livez HTTP/1.1\r\nHost: {h.host}\r\n{fields}\r\n".encode())
        r = h.response()
        ok(r.status in (400, 501), f"{fields!r} got {r.status}")
        h.expect_eof()
    for line in (b"GET /livez HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", b"GET /livez?\xc3\xa9 HTTP/1.1\r\n", b"GET /livez?%zz HTTP/1.1\r\n"):
        h = t.http(ferry)
        h.request("GET", "/livez")
        h.expect_status(200)
        h.write(line + b"Host: localhost\r\n\r\n")
        eq(h.response().status, 400, f"{line!r}")
        h.expect_eof()
