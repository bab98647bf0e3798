"""Row 82: 64 KiB of headers 431, a 16 KiB URI 414, 1000 headers 431; a head just below the limits is served."""
from talk import *


def run(t):
    ferry = t.ferry()

    def ask(head, status):
        h = t.http(ferry)
        h.write(head.encode())
        eq(h.response().status, status)
        return h
    host = "Host: localhost\r\n"
    ask(f"GET /livez HTTP/1.1\r\n{host}A: {'a' * 65536}\r\n\r\n", 431)
    ask(f"GET /{'a' * 16384} HTTP/1.1\r\n{host}\r\n", 414)
    ask(f"GET /livez HTTP/1.1\r\n{host}{'A: b' + chr(13) + chr(10)}" + "A: b\r\n" * 1000 + "\r\n", 431)
    h = ask(f"GET /livez?{'a' * 8000} HTTP/1.1\r\n{host}A: {'a' * 8000}\r\n\r\n", 200)
    h.write(f"GET /livez HTTP/1.1\r\n{host}A: {'a' * 4000}\r\n\r\n".encode())
    eq(h.response().status, 200)
    h = t.http(ferry)
    h.request("GET", "/livez")
    h.expect_status(200)
    h.write(f"GET /livez HTTP/1.1\r\n{host}A: {'a' * 65536}\r\n\r\n".encode())
    ok(h.response().status in (413, 431), "a later head")
    h.expect_eof()
