"""Rows 77 and 78: lengths and codings that two readers could read differently get 400 (2^64: 413; unknown codings 501) and the end."""
from talk import *


def run(t):
    ferry = t.ferry()
    for fields, status in (("Content-Length: 5\r\nTransfer-Encoding: chunked", 400), ("Content-Length: 5\r\nContent-Length: 5", 400),
                           ("Content-Length: 5,5", 400), ("Content-Length: +5", 400), ("Content-Length: 0x5", 400), ("Content-Length: -1", 400),
                           ("Content-Length: 18446744073709551616", 413), ("Transfer-Encoding: chunked, identity", 501),
                           ("Transfer-Encoding: xchunked", 501), ("Transfer-Encoding:\r\n chunked", None)):
        h = t.http(ferry)
        h.write(f"PUT /u/x/y HTTP/1.1\r\nHost: {h.host}\r\n{fields}\r\n\r\n".encode())
        r = h.response()
        ok(r.status == status or (status is None and r.status in (400, 501)), f"{fields!r} got {r.status}")
        eq(r["Connection"], "close")
        eq(r["Content-Type"], "application/problem+json")
        eq(r.json["status"], r.status)
        h.closed()
    h = t.http(ferry)
    h.write(f"PUT /u/x/y HTTP/1.0\r\nHost: {h.host}\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
    eq(h.response().status, 400)
    h.closed()
