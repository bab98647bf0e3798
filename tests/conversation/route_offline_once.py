"""Who has read his waiting messages and comes back at once does not get them again, however slow the disk is to forget them."""
from talk import *
from talk.slots import span


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.message("bob@localhost", "once")
    alice.settled()
    bob = t.xmpp(ferry, "bob", auto_pong=False)
    bob.take("message", body="once")
    held = ferry.hold_index()  # nothing is removed now
    bob.auto_pong = True
    bob.end()
    again = t.xmpp(ferry, "bob")
    span(t, 1)
    held.close()
    again.expect_nothing()
    alice.message("bob@localhost", "new")
    again.expect("message", body="new")
