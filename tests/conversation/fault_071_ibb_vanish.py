"""Row 71: close of an unknown sid is item-not-found; a sender who vanishes or falls silent in the middle stores nothing and is told."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "4s"})
    alice = t.xmpp(ferry, "alice")
    expect_error(alice.ibb_close("bob@localhost", "unknown"), "item-not-found")
    offer = alice.offer("bob@localhost", "a.txt", size=10, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"01234")
    alice.result(alice.take("iq[@type='set']/{ibb}close"))
    take_notice(alice, "failed")
    offer = alice.offer("bob@localhost", "b.txt", size=10, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"01234")
    alice.abort()
    again = t.xmpp(ferry, "alice")
    take_notice(again, "failed")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
