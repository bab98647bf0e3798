"""Row 100: a thousand connections that are kept alive, plain and TLS, cost little each, are answered again, and are closed when they have
been idle for limits.head; memory and descriptors come back."""
import resource

from talk import *
from talk.slots import drip, store

TIME_LIMIT = 180


def run(t):
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    ferry = t.ferry(ways=True, mode="plain", conf={"limits.head": "60s", "log.level": "info"})
    s = store(t, ferry, "a.txt", b"12345")
    figures = []
    for _ in range(3):
        ferry.write_conf(**{"limits.head": "60s"})
        ferry.reload()
        before = ferry.rss_kb()
        idle = [t.http(ferry, way=way) for way in ["first"] * 600 + ["later"] * 400 + ["tls-first"] * 150 + ["tls-later"] * 150]
        for h in idle:
            h.quiet = True
        for _ in range(2):
            for h in idle:
                h.request("GET", s.get_path)
            for h in idle:
                h.expect_status(200)
        grown = ferry.rss_kb() - before
        ok(grown < 1000 * 12 + 300 * 60, f"{grown} kB for them all")
        ferry.write_conf(**{"limits.head": "2s"})
        ferry.reload()
        for h in idle:
            h.request("GET", s.get_path)
        for h in idle:
            h.response() if not h.eof else None
        drip(t, [], lambda: all(h.eof for h in idle), "all to be closed", limit=40)
        eq([h for h in idle if h.inbuf], [], "closed without a word")
        for h in idle:
            h.close()
        drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to go")  # but for ours
        figures.append((ferry.fds(), ferry.rss_kb()))
    ok(figures[2][0] <= figures[0][0] + 8, f"descriptors after each, but for what wakes the workers: {figures}")
    ok(figures[2][1] - figures[0][1] < 3000, f"memory after each: {figures}")
