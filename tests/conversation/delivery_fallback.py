"""A delivery goes on in band when the receiver cannot reach our proxy; one whose connection breaks off, and an offer that nobody answers,
become the link's message while he is there."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(2_000_000)
    for name in ("a.bin", "b.bin", "c.bin"):
        alice.leave_file("bob@localhost", name, data)
    bob = t.xmpp(ferry, "bob")

    seen = bob.expect_offer()
    seen.accept("s5b")
    bob.send_error(bob.take("iq/{s5b}query", from_=seen.sender), "item-not-found")
    eq(sha256(seen.receive_ibb()), sha256(data))

    seen = bob.expect_offer()
    seen.accept("s5b")
    el = bob.take("iq/{s5b}query", from_=seen.sender)
    host = el.find("query/streamhost")
    wire = t.socks(host["host"], int(host["port"]), dst_addr(seen.sid, seen.sender, el["to"]))
    wire.quiet = True
    bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{seen.sid}'><streamhost-used jid='{host['jid']}'/></query>")
    wire.need(65536)
    ferry.reload(**{"offers.answer_timeout": "3s"})  # for the one that follows
    wire.abort()
    ok("b.bin" in take_link(bob, "alice@localhost")[0], "the link of what broke off")

    eq(bob.expect_offer().name, "c.bin")
    ok("c.bin" in take_link(bob, "alice@localhost")[0], "the link of what was not answered")
    bob.expect_nothing()
