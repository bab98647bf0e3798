"""Hundreds of TLS connections are kept alive, answered again and again, and leave no memory and no descriptor behind; the limit per
address counts them as it counts plain ones."""
import os

from talk import *
from talk.slots import drip, store

MANY = 400


def run(t):
    ferry = t.ferry(https=True, mode="plain", conf={"limits.per_address": "0", "limits.head": "60s"})
    s = store(t, ferry, "a.bin", os.urandom(5000))

    def crowd():
        hs = [t.http(ferry, tls=True, name=f"c{i}") for i in range(MANY)]
        for _ in range(3):
            for h in hs:
                h.quiet = True
                h.request("GET", s.get_path)
            for h in hs:
                eq(len(h.expect_status(200).body), 5000)
        return hs
    fds = []
    rss = []
    before = ferry.rss_kb()
    for _ in range(4):
        hs = crowd()
        each = (ferry.rss_kb() - before) / MANY
        ok(each < 60, f"{each:.1f} kB each")
        for h in hs:
            h.close()
        drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to go")
        fds.append(ferry.fds())
        rss.append(ferry.rss_kb())
    ok(fds[3] <= fds[0] + 2, f"descriptors after each crowd: {fds}")
    ok(rss[3] - rss[1] < 2500, f"memory after each crowd: {rss} kB")  # the first has made the heap

    few = t.ferry(https=True, conf={"limits.per_address": "5"})
    hs = [t.http(few, tls=True) for _ in range(3)] + [t.http(few) for _ in range(2)]
    for h in hs:
        h.request("GET", "/livez")
        h.expect_status(200)
    over = t.dial(*few.address("https"), name="over")
    eq(over.read_all(), b"")
    hs[0].close()

    def served():
        w = t.dial(*few.address("https"), name="next")
        try:
            w.start_tls()
        except Failure:
            return False
        return True
    drip(t, [], served, "a place to be free")
