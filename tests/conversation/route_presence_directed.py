"""Directed presence reaches strangers, and is taken back at the end, whatever the end is."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    bob, carol = t.xmpp(ferry, "bob", resource="x"), t.xmpp(ferry, "carol")
    for how in ("end", "abort", "unavailable", "silent"):
        alice = t.xmpp(ferry, "alice", presence=how != "silent")
        alice.presence(to=bob.jid)
        bob.take("presence[not(@type)]", from_=alice.jid, to=bob.jid)
        alice.presence(to="carol@localhost")
        carol.take("presence[not(@type)]", from_=alice.jid)
        alice.presence(to="carol@localhost", type="unavailable")
        carol.take("presence[@type='unavailable']", from_=alice.jid)
        if how == "unavailable":
            alice.presence(type="unavailable")
        elif how == "silent":
            alice.abort()
        else:
            getattr(alice, how)()
        bob.take("presence[@type='unavailable']", from_=alice.jid)
        carol.expect_nothing(skip=())
        alice.close()
