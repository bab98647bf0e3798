"""The receiver leaves in the middle of an in-band stream, of which nothing is kept: the sender's next block is item-not-found, and he
is told to send again; the next offer is taken. A stream that was closed properly leaves no such words."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")

    def streaming():
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.inband_to(bob, b"12345678", "a.txt", to="bob@localhost")
        block = alice.ibb_data(offer.to, offer.sid, 0, b"1234")
        return bob, offer, bob.take("iq/{ibb}data"), block

    bob, offer, el, block = streaming()
    bob.abort()
    expect_error(alice.answer(block, offer.to), "item-not-found")
    eq(take_notice(alice, "failed").find("transfer")["why"], "receiver-left")
    expect_error(alice.answer(alice.ibb_data(offer.to, offer.sid, 1, b"5678"), offer.to), "item-not-found")
    alice.offer("bob@localhost", "a.txt", b"12345678", methods=("ibb",), sid=offer.sid).accepted("ibb")

    bob, offer, el, block = streaming()
    bob.result(el)
    alice.answer(block, offer.to)
    closed = alice.ibb_close(offer.to, offer.sid, wait=False)
    bob.result(bob.take("iq/{ibb}close"))
    alice.answer(closed, offer.to)
    bob.end()
    alice.expect_nothing()
