"""The blocking command (XEP-0191): list, block, pushes, what is refused to whom, unblock; kept over a restart."""
from talk import *

NS_B = "urn:xmpp:blocking"


def items(*jids):
    return "".join(f"<item jid='{j}'/>" for j in jids)


def blocklist(x):
    return sorted(i["jid"] for i in x.iq_get(f"<blocklist xmlns='{NS_B}'/>").all("blocklist/item"))


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice, bob = t.xmpp(ferry, "alice", resource="one"), t.xmpp(ferry, "bob", resource="talk")
    two = t.xmpp(ferry, "alice", resource="two")
    alice.befriend(bob)
    eq(blocklist(alice), [])
    blocklist(two)
    eq(alice.iq_set(f"<block xmlns='{NS_B}'>{items('Bob@localhost')}</block>")["type"], "result")
    for x in (alice, two):
        eq(x.take("iq[@type='set']/{urn:xmpp:blocking}block").find("block/item")["jid"], "bob@localhost")
    for x in (alice, two):
        bob.take("presence[@type='unavailable']", from_=x.jid)
    # what the blocked one sends
    bob.message("alice@localhost", "x")
    expect_error(bob.expect("message[@type='error']"), "service-unavailable")
    bob.message(alice.jid, "x")
    expect_error(bob.expect("message[@type='error']"), "service-unavailable")
    expect_error(bob.iq_get("<q xmlns='urn:q'/>", alice.jid), "service-unavailable")
    bob.presence(priority=4), bob.presence(to=alice.jid), bob.presence(type="subscribe", to="alice@localhost")
    bob.sync()
    alice.expect_nothing()
    eq(alice.have("presence", from_=bob.jid), [])
    # what the blocker sends
    alice.message(bob.jid, "x")
    expect_error(alice.expect("message[@type='error']"), "not-acceptable", app="{urn:xmpp:blocking:errors}blocked")
    expect_error(alice.iq_get("<q xmlns='urn:q'/>", bob.jid), "not-acceptable", app="{urn:xmpp:blocking:errors}blocked")
    alice.presence(priority=7)
    alice.sync()
    bob.queue[:] = [e for e in bob.queue if e.get("from") != bob.jid]
    bob.expect_nothing(skip=())
    alice.end(), two.end()
    bob.message("alice@localhost", "while she is away")
    expect_error(bob.expect("message[@type='error']"), "service-unavailable")
    ferry.restart()
    alice, bob = t.xmpp(ferry, "alice", resource="one"), t.xmpp(ferry, "bob", resource="talk")
    eq(blocklist(alice), ["bob@localhost"])
    alice.expect_nothing()
    alice.queue.clear(), bob.queue.clear()
    eq(alice.iq_set(f"<unblock xmlns='{NS_B}'>{items('bob@localhost')}</unblock>")["type"], "result")
    bob.take("presence[not(@type)]", from_=alice.jid)
    alice.take("presence[not(@type)]", from_=bob.jid)
    bob.message(alice.jid, "friends again")
    alice.take("message", body="friends again")
    eq(blocklist(alice), [])
