"""Row 85: a body below the minimum rate ends with 408, its file goes, and the slot can be used again; by every way in (nginx has a
deadline of its own)."""
from talk import *
from talk.slots import drip, slot


def run(t):
    ferry = t.ferry(ways=True, conf={"limits.stall": "1s"})
    data = b"b" * 100_000
    slots = {way: slot(t, ferry, "a.bin", 100_000) for way in HTTP_WAYS}
    wires = {way: t.http(ferry, way=way).request("PUT", s.put_path, {"Content-Length": 100_000}) for way, s in slots.items()}
    drip(t, wires.values(), lambda: all(h.eof for h in wires.values()), "the slow uploads to be ended")
    for way, h in wires.items():
        eq(h.response().status, 408, way)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "their files to go")
    for way, s in slots.items():
        eq(t.http(ferry, way=way).request("PUT", s.put_path, {}, data).response().status, 201, way)
        ok(t.get(s.get).body == data, way)
