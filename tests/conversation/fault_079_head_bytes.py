"""Row 79: blank before the colon, empty name, bare CR or LF, folded line, NUL: 400 and the end."""
from talk import *


def run(t):
    ferry = t.ferry()
    for line in (b"A : b\r\n", b": b\r\n", b"A: b\rc\r\n", b"A: b\nB: c\r\n", b"A: b\r\n c\r\n", b"A: b\0c\r\n", b"A\0: b\r\n", b"A\r\n", b"\x80: b\r\n"):
        h = t.http(ferry)
        h.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + line + b"\r\n")
        eq(h.response().status, 400, f"{line!r}")
        h.closed()
    h = t.http(ferry)
    h.write_bytewise(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: b\r\n\r\n")
    eq(h.response().status, 200, "a good head in any segmentation")
