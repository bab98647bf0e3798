"""Blocking comes before any take-over: whom the receiver blocks leaves nothing for him, there or not."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    eq(bob.iq_set("<block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block>")["type"], "result")
    alice.offer("bob@localhost", "a.txt", b"1234").refused("service-unavailable")
    bob.expect_nothing()
    bob.end()
    alice.offer("bob@localhost", "a.txt", b"1234").refused("service-unavailable")
