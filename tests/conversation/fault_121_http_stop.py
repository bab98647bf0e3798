"""Row 121: SIGTERM lets what is under way end (the listener is closed, answers end their connection); a second one ends it at once."""
from talk import *
from talk.slots import drip, slot, store
import os
import signal
import socket


def refused(address):
    with socket.socket() as s:
        return s.connect_ex(address) != 0


def run(t):
    ferry = t.ferry()
    size = 200_000
    s = slot(t, ferry, "a.bin", size)
    up, idle = t.http(ferry, name="up"), t.http(ferry, name="idle")
    idle.request("GET", "/livez")
    idle.expect_status(200)
    up.request("PUT", s.put_path, {"Content-Length": size, "Expect": "100-continue"})
    eq(up.response(interim=True).status, 100)
    up.write(b"u" * 1000)
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")
    drip(t, [], lambda: refused(ferry.address("http")), "the listener to be closed")
    up.write(b"u" * (size - 1000), quiet=True)
    r = up.response()
    eq((r.status, r["Connection"]), (201, "close"))
    ferry.wait_exit(0)
    ferry.start()
    eq(t.get(s.get).body, b"u" * size, "what was acknowledged is there")

    data = os.urandom(20_000_000)
    big = store(t, ferry, "big.bin", data)
    down = t.http(ferry, name="down", rcvbuf=4096)
    down.request("GET", big.get_path)
    down.need_until(b"\r\n\r\n")
    down.paused = True
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining", since=len(ferry.log) - 5)
    ferry.signal(signal.SIGTERM)
    ferry.wait_exit(0)
