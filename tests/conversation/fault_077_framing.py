"""Rows 77 and 78: lengths and codings that two readers could read differently get 400 (2^64: 413; unknown codings 501) and the end, by
every way in."""
from talk import *

LENGTHS = (("Content-Length: 5\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked\r\nContent-Length: 5", 400),
           ("Content-Length: 5\r\nContent-Length: 5", 400), ("Content-Length: 5\r\nContent-Length: 6", 400), ("Content-Length: 5,5", 400),
           ("Content-Length: 5, 5", 400), ("Content-Length: +5", 400), ("Content-Length: 0x5", 400), ("Content-Length: -1", 400),
           ("Content-Length: 5 5", 400), ("Content-Length:", 400), ("Content-Length: 18446744073709551616", 413),
           ("Content-Length: 18446744073709551621", 413), ("Content-Length: 9223372036854775808", 413))
CODINGS = (("Transfer-Encoding: chunked, identity", 501), ("Transfer-Encoding: identity, chunked", 501), ("Transfer-Encoding: identity", 501),
           ("Transfer-Encoding: gzip, chunked", 501), ("Transfer-Encoding: xchunked", 501), ("Transfer-Encoding: chunkedx", 501),
           ("Transfer-Encoding: \"chunked\"", 501), ("Transfer-Encoding:", 501), ("Transfer-Encoding: chunked;q=1", 501),
           ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked\r\nTransfer-Encoding: x", 400),
           ("Transfer-Encoding : chunked", 400), ("Transfer-Encoding: \x0bchunked", 400))


def run(t):
    ferry = t.ferry(ways=True)
    for method, path in (("PUT", "/u/x/y"), ("PATCH", "/u/x/y"), ("POST", "/f/x/y"), ("GET", "/livez")):
        for fields, status in LENGTHS + CODINGS if method == "PUT" else LENGTHS[:4] + CODINGS[:2]:
            refused(t, ferry, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n".encode(), status, later=(400, 413, 501))
    refused(t, ferry, b"PUT /u/x/y HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n", 501, later="hidden")
    for version in ("1.0", "1.0\r\nConnection: keep-alive"):
        refused(t, ferry, f"PUT /u/x/y HTTP/{version}\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode(), 400)
