"""A client that asks for the end of the connection, and sends on all the same, gets the whole of the answer: what nobody has read makes no reset of the
close."""
import os

from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(https=True)
    s = store(t, ferry, "a.bin", os.urandom(400_000))
    for way in OWN_WAYS:
        for version, close in (("1.1", "Connection: close\r\n"), ("1.0", "")):
            h = t.http(ferry, way=way, rcvbuf=4096)
            h.paused = True
            more = "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500
            h.write(f"GET {s.get_path} HTTP/{version}\r\nHost: localhost\r\n{close}\r\n{more}", quiet=True)
            h.paused = False
            eq(len(h.expect_status(200).body), 400_000, f"{way} {version}")
            h.expect_eof()
            ok(not h.was_reset, f"a reset: {way} {version}")
