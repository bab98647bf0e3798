"""Row 86: a reader that takes nothing costs no memory and is closed below the minimum rate."""
from talk import *
from talk.slots import store
import os

TIME_LIMIT = 120


def run(t):
    ferry = t.ferry(conf={"limits.stall": "1s"}, mode="plain")
    data = os.urandom(30_000_000)
    s = store(t, ferry, "a.bin", data)
    before = ferry.rss_kb()
    lazy = []
    for i in range(5):
        h = t.http(ferry, name=f"lazy{i}", rcvbuf=4096)
        h.paused = True
        h.request("GET", s.get_path)
        lazy.append(h)
    gone = ferry.log_mark()
    t.pump(lambda: sum("too-slow phase=reply" in line for line in ferry.log[gone:]) >= 5, "the lazy readers to be closed", 20)
    ok(ferry.rss_kb() - before < 3_000, f"memory grew by {ferry.rss_kb() - before} kB")
    for h in lazy:
        h.paused = False
        got = h.read_all()
        ok(0 < len(got) < len(data), "the answer was cut")
    eq(t.get(s.get).body, data, "others get it whole")
