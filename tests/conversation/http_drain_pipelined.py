"""While the daemon drains, the answer that is a connection's last arrives, whatever the client has sent behind its request."""
import os
import signal
import socket

from talk import *
from talk.slots import drip, slot, store


def refused(address):
    with socket.socket() as s:
        return s.connect_ex(address) != 0


def run(t):
    ferry = t.ferry()
    s, held = store(t, ferry, "a.bin", os.urandom(400_000)), slot(t, ferry, "b.bin", 10)
    put = t.http(ferry, name="put")  # what the daemon waits for
    put.request("PUT", held.put_path, {"Content-Length": 10, "Expect": "100-continue"})
    eq(put.response(interim=True).status, 100)
    crowd = [t.http(ferry, name=f"c{i}", rcvbuf=4096) for i in range(10)]
    for h in crowd:
        h.request("GET", "/livez").expect_status(200)
    ferry.signal(signal.SIGTERM)
    drip(t, [], lambda: refused(ferry.address("http")), "the listener to be closed")
    for h in crowd:
        h.paused = True
        h.request("GET", s.get_path)
        h.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n" * 500, quiet=True)
    for h in crowd:
        h.paused = False
        r = h.expect_status(200)
        eq((r["Connection"], len(r.body)), ("close", 400_000))
        h.expect_eof()
        ok(not h.was_reset, "a reset")
    put.write(b"0123456789")
    put.expect_status(201)
    ferry.wait_exit(0)
