"""A one-time link over TLS counts the same way: broken off it still works, also when all of it fits into buffers; whole it is gone."""
from urllib.parse import urlsplit
import os

from talk import *


def stop_after_a_piece(h):
    """Takes the head and a little more, then nothing."""
    recv = h.sock.recv

    def once(n):
        data = recv(4096)
        h.paused = True
        return data
    h.sock.recv = once


def run(t):
    ferry = t.ferry(https=True)
    for size in (2_000_000, 60_000):
        data = os.urandom(size)
        out = ferry.ctl("slot", "a.bin", str(size), "--once").dict
        eq(t.put(out["put"], data).status, 201)
        path = urlsplit(out["get"]).path
        for end in ("abort", "whole"):
            status = 409
            while status == 409:  # the end of the one before is found within a moment
                h = t.http(ferry, tls=True, name=end, rcvbuf=2048 if end == "abort" else None)
                h.quiet = True
                if end == "abort":
                    stop_after_a_piece(h)
                h.request("GET", path)
                status = int(h.need_until(b"\r\n\r\n").split()[1])
                if status == 409:
                    h.close()
            eq(status, 200)
            if end == "abort":
                eq(t.get(out["get"]).status, 409)
                h.abort()
            else:
                eq(h.need(size) == data, True, "whole")
        t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
