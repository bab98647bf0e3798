"""limits.unauthenticated is absolute: neither blanks nor failed logins nor a login without a resource move it; a bound session is
left alone."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "1000"})
    alice = t.xmpp(ferry, "alice")
    ferry.reload(**{"limits.unauthenticated": "4s"})
    begun = time.monotonic()
    silent = t.xmpp(ferry)  # not even a header
    idle = t.xmpp(ferry).open_stream()
    half = t.xmpp(ferry, tls="direct").open_stream()
    half.sasl("PLAIN", "alice", "secret-alice")
    half.open_stream()
    busy = t.xmpp(ferry, tls="direct").open_stream()
    all_ = silent, idle, half, busy
    while not all(x.eof for x in all_):
        ok(time.monotonic() - begun < 20, "a stream without login is still open")
        if not busy.eof:
            busy.sasl_auth("NONE", "AA==")
        for x in idle, half:
            if not x.eof:
                x.write(" ")
        try:
            t.pump(lambda: all(x.eof for x in all_), "closed streams", 0.1)
        except Failure:
            pass
    ok(time.monotonic() - begun > 3.5, "closed too early")
    for x in idle, half, busy:
        x.expect_stream_error("connection-timeout", skip=("{sasl}failure",))
    alice.sync()
