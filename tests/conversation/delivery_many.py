"""More files than may wait for one user at a time are all offered, in the order in which they were stored, one after the other."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    for i in range(45):
        path = t.write(f"{i:02}.txt", b"%d" % i)
        ferry.ctl("send", "--from", "alice@localhost", path, "bob@localhost")
    bob = t.xmpp(ferry, "bob")
    for i in range(45):
        seen = bob.expect_offer()
        eq((seen.name, seen.receive_ibb() if seen.accept("ibb") else None), (f"{i:02}.txt", b"%d" % i))
    bob.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
