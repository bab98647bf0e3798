"""Many files to somebody who is there: records of offers that were taken give way, so the cap stops only what is unanswered."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.offers_per_user": 3})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    for i in range(8):
        offer = alice.offer("bob@localhost", f"{i}.txt", b"1234", methods=("s5b",))
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
    for i in range(3):
        alice.offer("bob@localhost", "a.txt", b"1234")
        bob.expect_offer()
    alice.offer("bob@localhost", "a.txt", b"1234").refused("resource-constraint", type="wait")
