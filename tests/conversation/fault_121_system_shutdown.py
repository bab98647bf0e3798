"""Row 121: at SIGTERM sessions are told system-shutdown, the stream is closed properly, and the daemon is gone within 2 s."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    xs = [t.xmpp(ferry, u, resource=str(i)) for u in ("alice", "bob") for i in range(5)]
    before = time.monotonic()
    ferry.signal(15)
    for x in xs:
        x.expect_stream_error("system-shutdown")
        x.expect_close(tag=True)
    ferry.wait_exit(0)
    ok(time.monotonic() - before < 8, "slow")  # two seconds, and what a loaded machine needs
