"""Gajim sends files by Jingle alone, libpurple takes them by stream initiation alone, and both are there: Gajim sees the filebox of
libpurple's user, and what it sends there libpurple is offered at once, as its user prefers it."""
import os

from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.filebox": "on", "offers.delivery": "transfer"})
    t.befriended(ferry, "alice", "bob")
    bob = t.purple(ferry, "bob")
    alice = t.gajim(ferry, "alice")
    alice.expect_line(r"^takers bob@localhost/ferry$")
    for name in ("a.bin", "b.bin"):
        data = os.urandom(200_001)
        alice.send(f"send bob@localhost/ferry {t.write(name, data)}")
        alice.expect_line(rf"^sent {name}$")
        bob.expect_line(rf"^offer alice@localhost/ferry {name} 200001$")
        eq(bob.received(name), data)
    alice.quit()
    bob.quit()
