"""Row 77: lengths that two readers could read differently get 400 (2^64: 413) and the end, by every way in and for every method."""
from talk import *

LENGTHS = (("Content-Length: 5\r\nTransfer-Encoding: chunked", 400), ("Transfer-Encoding: chunked\r\nContent-Length: 5", 400),
           ("Content-Length: 5\r\nContent-Length: 5", 400), ("Content-Length: 5\r\nContent-Length: 6", 400), ("Content-Length: 5,5", 400),
           ("Content-Length: 5, 5", 400), ("Content-Length: +5", 400), ("Content-Length: 0x5", 400), ("Content-Length: -1", 400),
           ("Content-Length: 5 5", 400), ("Content-Length:", 400), ("Content-Length: 18446744073709551616", 413),
           ("Content-Length: 18446744073709551621", 413), ("Content-Length: 9223372036854775808", 413))


def run(t):
    ferry = t.ferry(ways=True)
    for method, path in (("PUT", "/u/x/y"), ("PATCH", "/u/x/y"), ("POST", "/f/x/y"), ("GET", "/livez")):
        for fields, status in LENGTHS:
            refused(t, ferry, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}\r\n\r\n".encode(), status, later=(400, 413))
