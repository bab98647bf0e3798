"""Row 117: connections that were refused, and that their clients keep, take no more descriptors than there are to spare: the others are
served meanwhile."""
from talk import *


def run(t):
    ferry = t.ferry(wrapper=["prlimit", "--nofile=256:256"], conf={"limits.per_address": "0"})
    used = ferry.fds()
    kept = []
    most = 0
    for i in range(150):
        h = t.http(ferry, name="bad")
        h.quiet = True
        h.write(b"GET / HTTP/1.1\r\nHost : localhost\r\n\r\n", quiet=True)
        h.expect_status(400)
        kept.append(h)
        most = max(most, ferry.fds())
    ok(most < used + 40, f"{most} descriptors, {used} at rest")
    ok(not ferry.log_has("accept-paused"), "it never ran out of them")
    eq(t.get(ferry.url("/livez")).status, 200)
