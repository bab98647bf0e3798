"""A Jingle session between two clients that either has ended takes no place among the offers of its sender, and its id may begin another,
though the receiver never answered; one that is not over keeps both."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.offers_per_user": "2"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    for i in range(6):
        j = alice.jingle(bob.jid, f"{i}.txt", b"12345", sid="again" if i % 2 else None)
        seen = bob.expect_jingle()
        if i < 4:
            j.terminate("cancel", wait=False)
            bob.take("iq/{jingle}jingle[@action='session-terminate']")
        else:
            uid = seen.terminate("decline", wait=False)
            j.ended("decline")
            eq(bob.answer(uid)["type"], "result")
    for i in range(2):
        last = alice.jingle(bob.jid, f"{i}.txt", b"12345")
        bob.expect_jingle()
    alice.jingle(bob.jid, "c.txt", b"12345", sid=last.sid).refused("unexpected-request", app="{jingle_errors}out-of-order")
    alice.jingle(bob.jid, "d.txt", b"12345").refused("resource-constraint")
    bob.expect_nothing()
