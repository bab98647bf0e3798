"""The dance of a subscription (RFC 6121 section 3): asked, granted, presence follows; taken back, presence goes."""
from talk import *


def sub(x, jid):
    i = x.roster().get(jid)
    return (i["subscription"], i.get("ask")) if i else None


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.roster(), bob.roster()
    alice.presence(type="subscribe", to="bob@localhost/any")
    alice.take("iq/{roster}query/item[@ask='subscribe']")
    ask = bob.take("presence[@type='subscribe']")
    eq((ask["from"], ask["to"]), ("alice@localhost", "bob@localhost"))
    eq(sub(alice, "bob@localhost"), ("none", "subscribe"))
    eq(sub(bob, "alice@localhost"), None)
    bob.presence(type="subscribed", to="alice@localhost")
    bob.take("iq/{roster}query/item[@subscription='from']")
    alice.take("presence[@type='subscribed']", from_="bob@localhost")
    alice.take("iq/{roster}query/item[@subscription='to']")
    alice.take("presence[not(@type)]", from_=bob.jid)
    bob.presence(priority=3)
    eq(alice.take("presence[not(@type)]", from_=bob.jid).text_of("priority"), "3")
    alice.presence(priority=2)
    alice.sync()
    bob.queue[:] = [e for e in bob.queue if e.get("from") != bob.jid]
    bob.expect_nothing(skip=())  # he sees nothing of alice
    bob.presence(type="unsubscribed", to="alice@localhost")
    alice.take("presence[@type='unsubscribed']", from_="bob@localhost")
    alice.take("presence[@type='unavailable']", from_=bob.jid)
    eq(sub(alice, "bob@localhost"), ("none", None))
    alice.presence(type="subscribe", to="bob@localhost")
    bob.take("presence[@type='subscribe']")
    bob.presence(type="subscribed", to="alice@localhost")
    alice.take("presence[not(@type)]", from_=bob.jid)
    alice.presence(type="unsubscribe", to="bob@localhost")
    bob.take("presence[@type='unsubscribe']", from_="alice@localhost")
    alice.take("presence[@type='unavailable']", from_=bob.jid)
    eq(sub(alice, "bob@localhost"), ("none", None))
    eq(sub(bob, "alice@localhost"), ("none", None))
    alice.befriend(bob)
    alice.iq_set("<query xmlns='jabber:iq:roster'><item jid='bob@localhost' subscription='remove'/></query>")
    bob.take("presence[@type='unsubscribe']", from_="alice@localhost")
    bob.take("presence[@type='unsubscribed']", from_="alice@localhost")
    bob.take("presence[@type='unavailable']", from_=alice.jid)
    alice.take("presence[@type='unavailable']", from_=bob.jid)
    eq(sub(bob, "alice@localhost"), ("none", None))
    eq(alice.roster(), {})
