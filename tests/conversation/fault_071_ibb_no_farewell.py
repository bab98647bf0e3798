"""Row 71: all bytes came, only the close did not: the file is whole and is stored when the stream has rested."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "4s"})
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"0123456789", methods=("ibb",), hash=True)
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"0123456789")
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"0123456789")
