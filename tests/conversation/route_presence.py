"""Presence (RFC 6121 section 4): own resources, contacts, last words, bad priorities."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice, bob = t.xmpp(ferry, "alice", resource="one"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    alice.send("<presence><show>away</show><status>\u00e9 &amp;</status><priority>5</priority></presence>")
    p = bob.take("presence/show", from_=alice.jid)
    eq((p.text_of("show"), p.text_of("status"), p["to"]), ("away", "\u00e9 &", "bob@localhost"))
    second = t.xmpp(ferry, "alice", resource="two")
    eq(second.take("presence", from_=alice.jid).text_of("show"), "away")
    second.take("presence", from_=bob.jid)
    alice.take("presence[not(@type)]", from_=second.jid)
    bob.take("presence[not(@type)]", from_=second.jid)
    late = t.xmpp(ferry, "bob", resource="late")
    late.take("presence/show", from_=alice.jid)
    late.take("presence[not(@type)]", from_=second.jid)
    for bad in ("200", "x", "-129"):
        second.presence(priority=bad)
        expect_error(second.take("presence[@type='error']"), "bad-request")
    second.send("<presence type='unavailable'><status>good night</status></presence>")
    for x in (bob, late, alice):
        eq(x.take("presence[@type='unavailable']", from_=second.jid).text_of("status"), "good night")
    second.close()
    alice.abort()
    bob.take("presence[@type='unavailable']", from_=alice.jid)
    carol = t.xmpp(ferry, "carol")
    carol.expect_nothing(skip=())
