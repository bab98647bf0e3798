"""XEP-0198: a message routed to a client that never acknowledged it waits for the next login, or goes to another resource; one
that was acknowledged does not come again, nor does one that another resource got."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")

    def login(resource):
        return t.xmpp(ferry, "bob", resource=resource, sm=True, auto_ack=False, auto_pong=False)
    bob = login("one")
    alice.message(bob.jid, "acknowledged")
    bob.take("message", body="acknowledged")
    bob.take("{sm}r")
    bob.sm_ack()
    for to in (bob.jid, bob.bare):
        alice.message(to, f"to {to}")
        bob.take("message", body=f"to {to}")
    alice.message(bob.jid, "news", type="headline")
    alice.send(f"<message to='{bob.jid}' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    alice.sync()
    bob.abort()
    bob = login("two")
    for body, to in (("to bob@localhost/one", "bob@localhost/one"), ("to bob@localhost", "bob@localhost")):
        m = bob.expect("message", body=body, to=to, from_=alice.jid)
        ok(m.find("{delay}delay") is not None, "no delay stamp")
    bob.expect("{sm}r")
    bob.sm_ack()
    bob.expect_nothing()
    other = t.xmpp(ferry, "bob", resource="other")
    alice.message(bob.jid, "to two alone")
    bob.take("message", body="to two alone")
    alice.message(bob.bare, "to both")
    for x in (bob, other):
        x.take("message", body="to both")
    bob.abort()
    eq(other.expect("message").body, "to two alone")
    other.expect_nothing()
