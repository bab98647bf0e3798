"""Row 51, 71: a close before all bytes are there gets no result, nothing is stored, the sender is told, the sid is free."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", size=10, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    eq(alice.answer(alice.ibb_data("bob@localhost", offer.sid, 0, b"012345678"))["type"], "result")
    expect_error(alice.ibb_close("bob@localhost", offer.sid), "bad-request")
    take_notice(alice, "failed")
    offer = alice.offer("bob@localhost", "a.txt", b"0123456789", methods=("ibb",), sid=offer.sid)
    offer.accepted()
    alice.ibb_send("bob@localhost", offer.sid, b"0123456789")
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"0123456789")
    bob.expect_nothing()
