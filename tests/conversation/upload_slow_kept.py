"""A resumable upload below the minimum rate is ended with 408, and goes on later where it stood."""
import os

from talk import *
from talk.slots import append, drip, kept, slot


def run(t):
    ferry = t.ferry(conf={"limits.stall": "1s"})
    data = os.urandom(100_000)
    s = slot(t, ferry, "a", len(data))
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Upload-Complete": "?1", "Content-Length": len(data)})
    h.write(data[:50_000], quiet=True)
    drip(t, [h], lambda: h.eof, "the slow upload to be ended", data=b"")
    eq(h.response().status, 408)
    at = kept(t, s)
    eq(append(t, s, data[at:], at, True).status, 201)
    eq(t.get(s.get).body, data)
