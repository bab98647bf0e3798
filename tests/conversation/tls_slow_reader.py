"""A reader over TLS that takes nothing costs little memory and is closed below the minimum rate; one that takes its time gets all of it."""
import os

from talk import *
from talk.slots import drip, span, store

TIME_LIMIT = 120


def run(t):
    ferry = t.ferry(https=True, conf={"limits.stall": "1s"}, mode="plain")
    data = os.urandom(30_000_000)
    s = store(t, ferry, "a.bin", data)
    before = ferry.rss_kb()
    lazy = []
    for i in range(5):
        h = t.http(ferry, name=f"lazy{i}", tls=True, rcvbuf=4096)
        h.paused = True
        h.request("GET", s.get_path)
        lazy.append(h)
    gone = ferry.log_mark()
    t.pump(lambda: sum("too-slow phase=reply" in line for line in ferry.log[gone:]) >= 5, "the lazy readers to be closed", 20)
    ok(ferry.rss_kb() - before < 5_000, f"memory grew by {ferry.rss_kb() - before} kB")
    drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "their connections to go")  # but for ours
    for h in lazy:
        h.paused = False
        ok(0 < len(h.read_all()) < len(data), "the answer was cut")

    # What is on its way when libmicrohttpd is done leaves at the reader's own speed.
    small = store(t, ferry, "b.bin", data[:150_000])
    h = t.http(ferry, tls=True, name="leisurely", rcvbuf=4096)
    h.request("GET", small.get_path, {"Connection": "close"})
    h.quiet = True
    while not h.eof:
        h.paused = True
        span(t, 0.2)
        h.paused = False
        t.turn(5)
    eq(h.response(method="GET").body == data[:150_000], True, "all of it")
