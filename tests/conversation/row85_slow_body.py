"""Row 85: a body below the minimum rate ends with 408, its file goes, and the slot can be used again."""
from talk import *
from talk.slots import slot
import time


def run(t):
    ferry = t.ferry(conf={"limits.stall": "1s"})
    s = slot(t, ferry, "a.bin", 100_000)
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Content-Length": 100_000})
    next_byte = [0.0]

    def done():
        if time.monotonic() > next_byte[0] and not h.eof:
            next_byte[0] = time.monotonic() + 0.2
            h.write(b"a", quiet=True)
        return h.eof
    t.pump(done, "the slow upload to be ended", 10)
    eq(h.response().status, 408)
    t.pump(lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "its file to go")
    data = b"b" * 100_000
    eq(t.put(s.put, data).status, 201)
    eq(t.get(s.get).body, data)
