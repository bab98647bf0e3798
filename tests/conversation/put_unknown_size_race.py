"""Two uploads of different sizes come at once to the slot of a file of unknown size: one of them says how large it is, the others are refused;
the quota has what was stored, and nothing else."""
import os
from urllib.parse import urlsplit

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    sizes = (30_000, 20_000, 10)

    def used():
        return int(ferry.ctl("user", "quota", "alice@localhost").dict["used"])
    total = 0
    for _ in range(3):
        alice.jingle("bob@localhost", "a.bin", size=False, method="urn:xmpp:jingle:transports:ice-udp:1").turned_down("unsupported-transports")
        put = urlsplit(take_notice(alice, "upload").find("transfer")["put"]).path
        lock = ferry.hold_index()
        wires = [t.http(ferry, name=f"{n} bytes") for n in sizes]
        for h, n in zip(wires, sizes):
            h.request("PUT", put, {"Content-Length": n, "Expect": "100-continue"})
        lock.close()
        first = {n: h.response(interim=True).status for h, n in zip(wires, sizes)}
        [n] = [n for n in sizes if first[n] == 100]
        ok(all(status in (400, 409, 413) for m, status in first.items() if m != n), first)
        h = wires[sizes.index(n)]
        h.write(os.urandom(n), quiet=True)
        eq(h.response().status, 201)
        take_notice(alice, "stored")
        total += n
        eq(used(), total)
    ferry.ctl("fsck")
