"""Under TLS every head is judged by its bytes: a bad one that follows good requests, pipelined or later, gets the answer a first one
gets, after the answers to those; then the connection ends. Nothing of it is passed on."""
from talk import *

BAD = [  # what plain HTTP only sees in a connection's first head
    (b"GET /livez HTTP/1.1\nHost: localhost\n\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\nX: y\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\n: x\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\r\n b\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: a\rb\r\n\r\n", 400),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
    # and what it is refused for by the handler, or by libmicrohttpd
    (b"GET /livez HTTP/1.1\r\n\r\n", 400),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", 400),
    (b"PUT /u/x/y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    (b"PUT /u/x/y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n", 400),
    (b"PUT /u/x/y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5,5\r\n\r\n", 400),
    (b"PUT /u/x/y HTTP/1.1\r\nHost: localhost\r\nContent-Length: 18446744073709551616\r\n\r\n", 413),
    (b"PUT /u/x/y HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: xchunked\r\n\r\n", 501),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 17000 + b"\r\n\r\n", 431),
    (b"GET /livez HTTP/1.1\r\nHost: localhost\r\n" + b"A: b\r\n" * 101 + b"\r\n", 431),
    (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
]
GOOD = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


def run(t):
    ferry = t.ferry(https=True, conf={"limits.head": "60s"})
    for bad, status in BAD:
        for together in (True, False):
            h = t.http(ferry, tls=True)
            h.method = "GET"
            h.write((GOOD * 3 + bad if together else GOOD * 3) + (GOOD if together else b""))
            for _ in range(3):
                eq(h.expect_status(200).body, b"ok\n")
            if not together:
                h.write(bad)
            r = h.expect_status(status)
            eq((r["Connection"], r["Content-Type"]), ("close", "application/problem+json"))
            h.closed()
            ok(not h.was_cut, "close_notify")
        first = t.http(ferry, tls=True)
        first.method = "GET"
        first.write(bad + GOOD)
        eq((first.response().status, first.read_all()), (status, b""), "the same as a first head")
    ok(not ferry.log_has("http PUT"), "none of them reached a handler")
