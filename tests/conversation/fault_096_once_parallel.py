"""Row 96: of several fetches of a one-time link at once, by all ways in together, exactly one has the file; the others are told 409 while it
runs and 410 afterwards. One that breaks off in the middle, by any way, leaves the link as it was."""
from talk import *
from talk.slots import drip
from urllib.parse import urlsplit
import os

TIME_LIMIT = 120
SIZE = 12_000_000  # more than sockets and a proxy hold


class Half:
    """A wire's socket that takes no more than half of the file."""

    def __init__(self, wire):
        self.wire, self.sock = wire, wire.sock

    def recv(self, n):
        data = self.sock.recv(n)
        self.wire.paused = self.wire.received + len(data) > SIZE // 2
        return data

    def __getattr__(self, name):
        return getattr(self.sock, name)


def run(t):
    ferry = t.ferry(ways=True)
    data = os.urandom(SIZE)
    out = ferry.ctl("slot", "a.bin", str(SIZE), "--once").dict
    eq(t.put(out["put"], data).status, 201)
    path = urlsplit(out["get"]).path
    for way in HTTP_WAYS:
        def begun():
            h = t.http(ferry, way=way, rcvbuf=4096)
            h.quiet = True
            h.sock = Half(h)
            h.request("GET", path)
            if b" 200 " not in h.need_until(b"\r\n\r\n")[:15]:  # the end of the one before is found within a moment
                h.close()
                return None
            return h
        got = []
        drip(t, [], lambda: got.append(begun()) or got[-1], "the link to be free")
        t.pump(lambda: got[-1].paused, "half of it")
        eq(t.http(ferry, way=way).request("GET", path).response().status, 409, way)
        got[-1].abort()

    def together():
        wires = [t.http(ferry, way=way) for way in HTTP_WAYS * 2]
        for h in wires:
            h.quiet = True
            h.request("GET", path)
        answers = [h.response() for h in wires]
        ok({r.status for r in answers} <= {200, 409, 410}, f"{answers}")
        return [r for r in answers if r.status == 200]
    whole = []
    drip(t, [], lambda: whole.extend(together()) or whole, "the link to be free, and had")
    eq(len(whole), 1)
    ok(whole[0].body == data, "all of it")
    t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
    for way in HTTP_WAYS:
        eq(t.http(ferry, way=way).request("GET", path).response().status, 410, way)
