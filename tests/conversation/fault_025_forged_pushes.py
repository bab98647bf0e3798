"""Row 25: a roster push of a third party changes nothing here and arrives, if at all, with the sender's own address."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    bob.roster()
    push = "<query xmlns='jabber:iq:roster'><item jid='mallory@localhost' subscription='both'/></query>"
    alice.send_iq("set", push, bob.jid)
    bob.expect("iq[@type='set']", from_=alice.jid)
    expect_error(alice.iq_set(push, bob.bare), "service-unavailable")
    eq(bob.roster(), {})
