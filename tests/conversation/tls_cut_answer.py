"""Over TLS, behind an answer that was cut off, or that libmicrohttpd gave to end a connection, there is no other one: the answer to a bad
head that came with the request would be taken for the rest of the file."""
from talk import *
from talk.slots import store
import os


def run(t):
    ferry = t.ferry(https=True, conf={"limits.stall": "1s"})
    data = os.urandom(20_000_000)
    s = store(t, ferry, "a.bin", data)
    lazy = t.http(ferry, tls=True, rcvbuf=4096)
    lazy.quiet = lazy.paused = True
    mark = ferry.log_mark()
    lazy.write(f"GET {s.get_path} HTTP/1.1\r\nHost: localhost\r\n\r\nGET /bad HTTP/1.1\n\n".encode())
    ferry.log_expect("too-slow phase=reply", mark)
    lazy.paused = False
    lazy.need_until(b"\r\n\r\n")
    got = lazy.read_all()
    ok(len(got) < len(data) and data.startswith(got), f"{len(got)} bytes, at the end {got[-100:]!r}")

    h = t.http(ferry, tls=True).request("GET", "/livez")
    h.expect_status(200)
    h.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 12_000 + b"\r\n\r\nGET /bad HTTP/1.1\n\n")
    eq(h.response().status, 431, "libmicrohttpd's memory")
    ok(b"HTTP/1.1 400" not in h.read_all(), "no second word")
