"""Row 96: a one-time fetch that breaks off, by GET or by the button, leaves the link as it was; of two at once the second gets 409."""
from talk import *
from talk.slots import BROWSER
from urllib.parse import urlsplit
import os


def run(t):
    ferry = t.ferry()
    for size in (3_000_000, 20_000):  # the smaller one fits into the kernel's buffers: written is not arrived
        data = os.urandom(size)
        out = ferry.ctl("slot", "a.bin", str(size), "--once").dict
        eq(t.put(out["put"], data).status, 201)
        path = urlsplit(out["get"]).path

        def begin(method, headers):
            """A fetch that has begun, by a peer who takes no more than its head."""
            while True:  # the end of the one before is found within a moment
                wire = t.http(ferry, name=method, rcvbuf=2048)
                wire.quiet = True
                wire.request(method, path, headers)
                status = int(wire.need_until(b"\r\n\r\n").split()[1])
                if status == 200:
                    wire.paused = True
                    return wire
                eq(status, 409)
                wire.close()
        for method, headers in (("GET", {}), ("POST", BROWSER), ("GET", {})):
            first = begin(method, headers)
            eq(t.get(out["get"]).json["type"], "urn:ferry:problem:once-busy")
            page = t.fetch("POST", out["get"], BROWSER)
            eq((page.status, page["Content-Type"]), (409, "text/html; charset=utf-8"))
            eq(t.head(out["get"]).status, 200, "it is there")
            first.abort()
        last = begin("GET", {})
        last.paused = False
        eq(last.need(size) == data, True, "whole")
        t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
