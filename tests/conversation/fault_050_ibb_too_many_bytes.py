"""Row 50: more bytes than announced, in band: refused at once, closed, nothing is stored, the sender is told."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", size=10, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    eq(alice.answer(alice.ibb_data("bob@localhost", offer.sid, 0, b"0123456789"))["type"], "result")
    expect_error(alice.answer(alice.ibb_data("bob@localhost", offer.sid, 1, b"x")), "bad-request")
    alice.result(alice.take("iq[@type='set']/{ibb}close"))
    expect_error(alice.ibb_close("bob@localhost", offer.sid), "item-not-found")
    take_notice(alice, "failed")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
