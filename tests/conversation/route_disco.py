"""Service discovery names the server, its services and the account, with what they can do; no proxy where none listens."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    identities, features = alice.disco_info("localhost")
    eq(identities, {"server/im"})
    for f in ("http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "urn:xmpp:ping",
              "urn:xmpp:blocking", "jabber:iq:version", "msgoffline"):
        ok(f in features, f)
    identities, features = alice.disco_info("alice@localhost")
    eq(identities, {"account/registered"})
    ok("urn:xmpp:ping" in features, "ping")
    eq(alice.disco_items("alice@localhost"), [])
    for jid in alice.disco_items("localhost"):
        identities, features = alice.disco_info(jid)
        eq(identities, {{"upload.localhost": "store/file", "proxy.localhost": "proxy/bytestreams"}[jid]})
    node = alice.iq_get("<query xmlns='http://jabber.org/protocol/disco#info' node='no such'/>", "localhost")
    expect_error(node, "item-not-found")
    expect_error(alice.iq_get("<query xmlns='http://jabber.org/protocol/disco#info'/>", "bob@localhost"), "service-unavailable")

    ferry = t.ferry(users=["alice"], conf={"proxy65.listen": ""})
    alice = t.xmpp(ferry, "alice")
    eq(alice.disco_items("localhost"), ["upload.localhost"])
    expect_error(alice.iq_get("<query xmlns='http://jabber.org/protocol/disco#info'/>", "proxy.localhost"), "service-unavailable")
