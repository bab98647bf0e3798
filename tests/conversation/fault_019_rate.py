"""Row 19: with [limits] rate a flood is read no faster; nothing is refused, neighbours are not slowed."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.rate": "20K"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    begun = time.monotonic()
    for i in range(100):
        alice.message(bob.jid, "x" * 1000)
    bob.sync()
    ok(len(bob.have("message")) < 100, "a neighbour was slowed down")
    for i in range(100):
        bob.expect("message")
    ok(time.monotonic() - begun > 1.5, "a flood was not slowed down")
    alice.sync()
