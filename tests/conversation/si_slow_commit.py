"""A commit that takes longer than [limits] stall: the stream's clock stands still once all bytes are here, and the answer comes."""
from talk import *
from talk.slots import span


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "4s"})
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"0123456789", methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"0123456789")
    held = ferry.hold_index()
    close = alice.ibb_close("bob@localhost", offer.sid, wait=False)
    span(t, 5)
    held.close()
    eq(alice.take("iq", id=close)["type"], "result")
    ok(take_notice(alice, "stored"), "the sender's notice")
