"""A large body by TLS that breaks off, by an end, a reset or a stop of the server, is kept up to where it came, and goes on there."""
import os
import signal

from talk import *
from talk.slots import append, drip, offset, slot

SIZE = 1_000_000


def begin(t, ferry, data):
    s = slot(t, ferry, "a.bin", SIZE)
    h = t.http(ferry, tls=True)
    h.request("PUT", s.put_path, {"Content-Length": SIZE, "Expect": "100-continue"})
    eq(h.response(interim=True).status, 100)
    h.write(data[:600_000], quiet=True)
    drip(t, [], lambda: [f for f in ferry.spool_files() if "tmp/" in f], "the first bytes")
    return s, h


def run(t):
    ferry = t.ferry(https=True)
    data = os.urandom(SIZE)
    for end in ("shut", "abort", "close"):
        s, h = begin(t, ferry, data)
        mark = ferry.log_mark()
        getattr(h, end)()
        ferry.log_expect("transfer kept", since=mark)
        at = offset(t, s)
        ok(at <= 600_000, "no more than was sent")
        eq(append(t, s, data[at:], at, True).status, 201)
        eq(t.get(s.get).body == data, True)
        if end == "shut":
            h.expect_eof()
    s, h = begin(t, ferry, data)
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")
    ferry.signal(signal.SIGTERM)  # the second one does not wait for uploads
    ferry.wait_exit(0)
    h.expect_eof()
    ferry.start()
    at = offset(t, s)
    eq(append(t, s, data[at:], at, True).status, 201)
    eq(t.get(s.get).body == data, True)
