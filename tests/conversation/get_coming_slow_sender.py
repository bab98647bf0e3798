"""Who reads a slow transfer along is not cut for the sender's slowness: while he waits no rate is asked of him."""
import os

from talk import *
from talk.slots import span


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(70_000)
    offer = alice.offer("bob@localhost", name="a.bin", data=data)
    eq(offer.accepted("ibb"), "ibb")
    alice.ibb_open("bob@localhost", offer.sid, 4096, "iq")
    alice.ibb_blocks("bob@localhost", offer.sid, data[:100], 100, 1, "iq")
    [row] = ferry.ctl("ls", "--json").objects
    ferry.reload(**{"limits.stall": "500ms"})  # the stream's own clock was set before
    reader = t.http(ferry, name="reader")
    reader.request("GET", f"/f/{row['id']}/a.bin")
    for seq in range(1, 13):  # nothing of it is written yet: 64 KiB go to the disk at a time
        alice.ibb_blocks("bob@localhost", offer.sid, data[100 * seq:100 * seq + 100], 100, 1, "iq", seq=seq)
        span(t, 0.25)  # several windows of a reader, who has a second each
    ok(not reader.eof and not ferry.log_has("too-slow"), "nobody was cut")
    alice.ibb_blocks("bob@localhost", offer.sid, data[1300:], 4096, 4, "iq", seq=13)
    alice.ibb_close("bob@localhost", offer.sid)
    reader.need_until(b"\r\n\r\n")
    eq(reader.need(len(data)), data)
