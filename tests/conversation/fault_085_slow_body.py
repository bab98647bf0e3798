"""Row 85: a body below the minimum rate ends with 408, its file goes, and the slot can be used again."""
from talk import *
from talk.slots import drip, slot


def run(t):
    ferry = t.ferry(conf={"limits.stall": "1s"})
    s = slot(t, ferry, "a.bin", 100_000)
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Content-Length": 100_000})
    drip(t, [h], lambda: h.eof, "the slow upload to be ended")
    eq(h.response().status, 408)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "its file to go")
    data = b"b" * 100_000
    eq(t.put(s.put, data).status, 201)
    eq(t.get(s.get).body, data)
