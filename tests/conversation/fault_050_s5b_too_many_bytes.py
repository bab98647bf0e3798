"""Row 50: more bytes than announced on a bytestream: cut off, nothing is stored, the sender is told."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for extra in (b"x", b"x" * 300_000):
        offer = alice.offer("bob@localhost", "a.txt", size=100_000, methods=("s5b",))
        offer.accepted()
        wire = alice.s5b_send("bob@localhost", offer.sid, b"y" * 100_000, close=False)
        try:
            wire.write(extra, quiet=True)
        except Failure:
            pass
        take_notice(alice, "failed")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
