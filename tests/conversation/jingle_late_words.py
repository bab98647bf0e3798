"""What the sender says of his stream when Ferry has all bytes and waits for the promised checksum changes nothing: a proxy that failed is
out of order, and an error to the session-accept ends nothing. The file is stored."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    px, data = alice.proxy_address(), b"0123456789"
    j = alice.jingle("bob@localhost", "a.txt", data, method="s5b", candidates=candidate(*px, "ours", 5, "proxy"), hash=sum_xml(None))
    j.accepted()
    j.expect("transport-info")
    wire = t.socks(px[1], px[2], dst_addr(j.stream, alice.jid, "bob@localhost"))
    eq(alice.activate(j.stream, "bob@localhost")["type"], "result")
    mark = ferry.log_mark()
    wire.write(data)
    wire.shut()
    ferry.log_expect("open -> storing", since=mark)
    expect_error(j.say("transport-info", j.wrap(transport_xml("s5b", j.stream, "<proxy-error/>"))), "unexpected-request")
    j.checksum(data)
    j.succeeded()
    take_notice(alice, "stored")

    j = alice.jingle("bob@localhost", "b.txt", data, hash=sum_xml(None))
    eq(j.answer()["type"], "result")
    accept = j.expect("session-accept", answer=False)
    alice.ibb_open("bob@localhost", j.stream)
    alice.ibb_blocks("bob@localhost", j.stream, data)
    mark = ferry.log_mark()
    alice.ibb_close("bob@localhost", j.stream, wait=False)
    ferry.log_expect("open -> storing", since=mark)
    alice.write(f"<iq type='error' id='{accept['id']}' to='bob@localhost'><error type='cancel'><item-not-found xmlns='{NS['stanzas']}'/></error></iq>")
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        eq(t.get(take_link(bob)[0]).body, data)
