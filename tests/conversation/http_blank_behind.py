"""Blanks behind a header's value are no part of it, by every way in. Behind Content-Length and Transfer-Encoding they are refused: they are
for libmicrohttpd, and nobody shall read a body's end differently."""
from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry(ways=True)
    s = store(t, ferry, "a.txt", b"0123456789")
    etag = t.get(s.get)["ETag"]
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)
        for field, status in (("Range: bytes=1-2", 206), (f"If-None-Match: {etag}", 304), ("Accept: text/html", 200), ("Host: localhost", 200)):
            for blank in (" ", "   ") if way in NGINX_WAYS else (" ", "\t", "  \t "):
                host = "" if field.startswith("Host") else "Host: localhost\r\n"
                h.method = "GET"
                h.write(f"GET {s.get_path} HTTP/1.1\r\n{host}{field}{blank}\r\n\r\n".encode())
                eq(h.response().status, status, f"{way}: {field!r} and {blank!r}")
        u = slot(t, ferry, "b.txt", 5)
        h.write(f"PUT {u.put_path} HTTP/1.1\r\nHost: localhost \r\nContent-Length: 5\r\nExpect: 100-continue \r\nContent-Type: text/plain\t\r\n\r\nhello".encode())
        eq(h.response().status, 201, way)
    for method, path in (("PUT", "/u/x/y"), ("GET", "/livez")):
        for blank in (" ", "\t"):
            refused(t, ferry, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5{blank}\r\n\r\n".encode(), 400, later=(400,), proxied=())
            refused(t, ferry, f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked{blank}\r\n\r\n".encode(), 400, later=(501,))
