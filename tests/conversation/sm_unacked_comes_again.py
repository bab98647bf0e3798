"""XEP-0198: a stored message that was written to a client that never acknowledged it comes again at the next login; one that was
acknowledged does not."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.message("bob@localhost", "keep me")
    alice.sync()

    def login():
        bob = t.xmpp(ferry, "bob", presence=False)
        bob.auto_ack = bob.auto_pong = False
        bob.sm_enable()
        bob.presence()
        return bob
    bob = login()
    eq(bob.take("message").body, "keep me")
    bob.take("{sm}r")  # it is asked for
    bob.abort()
    bob = login()
    m = bob.take("message")
    eq(m.body, "keep me")
    ok(m.find("{delay}delay") is not None, "no delay stamp")
    bob.take("{sm}r")
    bob.sm_ack()
    bob.sync()
    bob.abort()
    bob = login()
    bob.sync()
    eq(bob.have("message"), [])
