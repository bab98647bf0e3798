"""The receiver leaves before he has answered: the sender hears so from the address he asked, once."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    offer = alice.offer("bob@localhost", "a.txt", b"1234")
    bob.expect_offer()
    bob.end()
    offer.refused("service-unavailable")
    alice.expect_nothing()
    again = alice.offer("bob@localhost", "a.txt", b"1234", sid=offer.sid)
    again.accepted()
