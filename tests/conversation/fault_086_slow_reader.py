"""Row 86: a reader that takes nothing costs no memory and is closed below the minimum rate, by every way in; behind nginx it is nginx that
is closed."""
from talk import *
from talk.slots import store
import os

TIME_LIMIT = 120
EACH = 5


def run(t):
    ferry = t.ferry(ways=True, conf={"limits.stall": "1s"}, mode="plain")
    data = os.urandom(30_000_000)
    s = store(t, ferry, "a.bin", data)
    for ways in (DIRECT_WAYS, TLS_WAYS, NGINX_WAYS):
        before = ferry.rss_kb()
        gone = ferry.log_mark()
        lazy = []
        for way in ways:
            for _ in range(EACH):
                h = t.http(ferry, way=way, rcvbuf=4096)
                h.quiet = h.paused = True
                h.request("GET", s.get_path)
                lazy.append(h)
        t.pump(lambda: sum("too-slow phase=reply" in line for line in ferry.log[gone:]) >= len(lazy), f"{ways}: the lazy readers to be closed", 30)
        grown = ferry.rss_kb() - before
        ok(grown < (6_000 if ways == TLS_WAYS else 3_000), f"{ways}: memory grew by {grown} kB")
        for h in lazy:
            h.paused = False
            ok(0 < len(h.read_all()) < len(data), "the answer was cut")
    for way in HTTP_WAYS:
        r = t.http(ferry, way=way).request("GET", s.get_path, {"Range": "bytes=0-99999"}).response()
        ok(r.body == data[:100_000], f"{way}: others are served")
