"""Row 61, C15: activation by another JID item-not-found, with one side not-allowed, with another hash not-authorized."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    _, host, port = alice.proxy_address()
    expect_error(alice.activate("s", bob.jid), "item-not-found")
    key = dst_addr("s", alice.jid, bob.jid)
    target = t.socks(host, port, key)
    expect_error(alice.activate("s", bob.jid), "not-allowed")
    requester = t.socks(host, port, key)
    expect_error(bob.activate("s", bob.jid), "item-not-found")
    expect_error(alice.activate("other", bob.jid), "item-not-found")
    offer = alice.offer(bob.jid, "a.txt", b"1", methods=("s5b",), sid="known")
    bob.expect_offer().accept("s5b")
    offer.accepted()
    expect_error(alice.activate("known", bob.jid), "not-authorized")
    expect_error(alice.activate("s", ""), "bad-request")
    eq(alice.activate("s", bob.jid)["type"], "result")
    requester.write(b"still whole")
    eq(bytes(target.need(11)), b"still whole")
