"""Row 51: a bytestream that ends early, by a close or a reset, stores nothing; the sender is told."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for end in ("close", "abort", "shut"):
        offer = alice.offer("bob@localhost", "a.txt", size=1000, methods=("s5b",))
        offer.accepted()
        wire = alice.s5b_send("bob@localhost", offer.sid, b"y" * 999, close=False)
        getattr(wire, end)()
        take_notice(alice, "failed")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
