"""A bare address: the offer goes to the receiver's best resource with `to` as written, all of the sid follows it there, and
every answer comes from the address that was asked."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    low = t.xmpp(ferry, "bob", resource="low", priority=1)
    high = t.xmpp(ferry, "bob", resource="high", priority=5)
    for to in ("bob@localhost", "Bob@LOCALHOST/", "bob@localhost/high"):
        offer = alice.offer(to, "a.txt", b"some bytes", methods=("ibb",))
        seen = high.expect_offer()
        eq(seen.el["to"], to)
        eq(seen.el["from"], alice.jid)
        seen.accept("ibb")
        offer.accepted("ibb")
        opened = alice.ibb_open(to, offer.sid, wait=False)
        el = high.take("iq[@type='set']/{ibb}open")
        eq(el["to"], to)
        high.result(el)
        eq(alice.answer(opened, to=to)["type"], "result")
        block = alice.ibb_data(to, offer.sid, 0, b"some bytes")
        high.result(high.take("iq[@type='set']/{ibb}data"))
        eq(alice.answer(block, to=to)["type"], "result")
        closed = alice.ibb_close(to, offer.sid, wait=False)
        high.result(high.take("iq[@type='set']/{ibb}close"))
        eq(alice.answer(closed, to=to)["type"], "result")
    low.expect_nothing()
