"""Row 79: blank before the colon, empty name, bare CR or LF, folded line, NUL: 400 and the end, by every way in. The later heads of a plain
connection are libmicrohttpd's to read: it hides some of these (the table in doc/HTTP.md)."""
from talk import *

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n"
TOLD = (b"A : b\r\n", b"A\t: b\r\n", b"A B: c\r\n", b"A\r\n", b"\x80: b\r\n", b"A(: b\r\n", b"Host : localhost\r\n", b"Content-Length : 5\r\n")
HIDDEN = (b": b\r\n", b"A: b\rc\r\n", b"A: b\nB: c\r\n", b"A: b\r\n c\r\n", b"A: b\r\n\tc\r\n", b"A: b\0c\r\n", b"A\0: b\r\n", b"A: \x7f\r\n",
          b"A: \x01\r\n", b"A: b\r\r\n")


def run(t):
    ferry = t.ferry(ways=True)
    for line in TOLD:
        refused(t, ferry, GET + line + b"\r\n", 400, later=(400,), proxied=(200,))
    for line in HIDDEN:
        refused(t, ferry, GET + line + b"\r\n", 400, later="hidden", proxied=(200,))
    for head in (b" " + GET, b"GET\t/livez HTTP/1.1\r\nHost: localhost\r\n", b"GET  /livez HTTP/1.1\r\nHost: localhost\r\n",
                 b"GET /livez  HTTP/1.1\r\nHost: localhost\r\n", b"GET /livez HTTP/1.1 \r\nHost: localhost\r\n", b"GET /livez\r\nHost: localhost\r\n",
                 b"GET /li\0vez HTTP/1.1\r\nHost: localhost\r\n", b"GET /li\x80vez HTTP/1.1\r\nHost: localhost\r\n",
                 b"GET /livez HTTP/2.0\r\nHost: localhost\r\n", b"GET /livez HTTP/1.2\r\nHost: localhost\r\n",
                 b"GET /livez http/1.1\r\nHost: localhost\r\n", b"GET /livez HTTP/1.11\r\nHost: localhost\r\n"):
        refused(t, ferry, head + b"\r\n", 400, later="hidden", proxied=(200, 404))
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)
        h.write_bytewise(GET + b"A: b\r\n\r\n")
        eq(h.response().status, 200, f"{way}: a good head in any segmentation")
