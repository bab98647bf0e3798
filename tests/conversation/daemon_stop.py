"""SIGINT and SIGTERM: with nothing open, and with idle clients, the daemon stops within 2 seconds and exits 0; clients are told."""
import signal
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    raw = t.xmpp(ferry)  # connected, no stream
    since = time.monotonic()
    ferry.signal(signal.SIGINT)
    alice.expect_stream_error("system-shutdown")
    raw.expect_close()
    ferry.wait_exit(0)
    ok(time.monotonic() - since < 8, f"it took {time.monotonic() - since:.1f} s")
    ferry.start()
    since = time.monotonic()
    ferry.signal(signal.SIGTERM)
    ferry.wait_exit(0)
    ok(time.monotonic() - since < 8, f"it took {time.monotonic() - since:.1f} s")
