"""Row 50 for Jingle: bytes beyond the announced size, or an end before it, spoil a bytestream: nothing is stored, and the session says so."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    proxy = alice.proxy_address()
    for sent, reason in ((b"0123456789x", "media-error"), (b"012345", "failed-transport")):
        j = alice.jingle("bob@localhost", "a.txt", size=10, method="s5b", candidates=candidate(*proxy, "ours", 5, "proxy"))
        j.accepted()
        j.expect("transport-info")
        wire = t.socks(proxy[1], proxy[2], dst_addr(j.stream, alice.jid, "bob@localhost"))
        eq(alice.activate(j.stream, "bob@localhost")["type"], "result")
        wire.write(sent)
        wire.shut()
        j.ended(reason)
        take_notice(alice, "failed")
    j = alice.jingle("bob@localhost", "b.txt", b"0123456789", method="s5b", candidates=candidate(*proxy, "ours", 5, "proxy"))
    j.accepted()
    j.expect("transport-info")
    wire = t.socks(proxy[1], proxy[2], dst_addr(j.stream, alice.jid, "bob@localhost"))
    alice.activate(j.stream, "bob@localhost")
    eq(j.terminate("success")["type"], "result")
    wire.write(b"0123456789")
    wire.close()
    take_notice(alice, "stored")
    alice.expect_nothing()
    receiver = t.xmpp(ferry, "bob")
    eq(t.get(take_link(receiver)[0]).body, b"0123456789")
    receiver.expect_nothing()
