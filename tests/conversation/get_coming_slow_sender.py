"""Who reads a slow upload along is not cut for the sender's slowness: while he waits no rate is asked of him."""
from talk import *
from talk.slots import drip, slot

TIME_LIMIT = 60


def run(t):
    ferry = t.ferry(conf={"limits.stall": "500ms", "limits.min_rate": "100"})
    size = 100_000
    s = slot(t, ferry, "a.bin", size)
    sender = t.http(ferry, name="sender")
    sender.request("PUT", s.put_path, {"Content-Length": size, "Expect": "100-continue"})
    eq(sender.response(interim=True).status, 100)
    reader = t.http(ferry, name="reader")
    reader.request("GET", s.get_path)
    # 40 bytes at a time: just enough for a sender; a reader's window (twice the stall) passes several times.
    drip(t, [sender], lambda: len(reader.inbuf) > 2500, "the trickle to arrive", data=b"d" * 40, every=0.05, limit=30)
    ok(not reader.eof and not ferry.log_has("too-slow"), "nobody was cut")
    sender.abort()
    reader.read_all()
    ok(reader.was_reset, "reset")
