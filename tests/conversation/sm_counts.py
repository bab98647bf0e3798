"""XEP-0198: enable without resumption, h counts what was handled, acknowledgements are taken."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice", resource="a"), t.xmpp(ferry, "bob")
    enabled = alice.sm_enable(resume=True)
    eq(enabled.get("resume"), None)
    eq(alice.sm_request(), 0)
    alice.message("bob@localhost", "one")
    alice.presence(priority=3)
    alice.sync()
    eq(alice.sm_request(), 3)
    before = alice.sm_in
    bob.message("alice@localhost/a", "two")
    eq(alice.expect("message").body, "two")
    eq(alice.sm_in, before + 1)
    alice.sm_ack()
    alice.sync()
    alice.sm_ack()
    alice.sm_ack()  # the same again is fine
    alice.sync()
