"""Block lists hold full JIDs, domains and many at once; malformed requests are refused; unblock without items empties the list."""
from talk import *

NS_B = "urn:xmpp:blocking"


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice = t.xmpp(ferry, "alice")
    bob, other, carol = t.xmpp(ferry, "bob", resource="talk"), t.xmpp(ferry, "bob", resource="other"), t.xmpp(ferry, "carol")
    block = lambda *jids: alice.iq_set(f"<block xmlns='{NS_B}'>" + "".join(f"<item jid='{j}'/>" for j in jids) + "</block>")
    expect_error(block(), "bad-request")
    expect_error(block("a@@b"), "jid-malformed")
    expect_error(alice.iq_set(f"<block xmlns='{NS_B}'><item/></block>"), "bad-request")
    eq(block(bob.jid)["type"], "result")
    bob.message(alice.jid, "x")
    expect_error(bob.expect("message[@type='error']"), "service-unavailable")
    other.message(alice.jid, "from another resource")
    alice.expect("message", body="from another resource")
    eq(block("localhost", "carol@localhost")["type"], "result")
    for x in (other, carol):
        x.message(alice.jid, "x")
        expect_error(x.expect("message[@type='error']"), "service-unavailable")
    alice.message("alice@localhost", "to myself")
    alice.expect("message", body="to myself")
    eq(alice.iq_get("<ping xmlns='urn:xmpp:ping'/>", "localhost")["type"], "result")  # the server is not a user
    eq(alice.iq_set(f"<unblock xmlns='{NS_B}'/>")["type"], "result")
    for x in (bob, other, carol):
        x.message(alice.jid, "hello")
        alice.expect("message", body="hello", from_=x.jid)
