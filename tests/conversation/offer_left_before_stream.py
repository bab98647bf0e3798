"""The receiver accepted and leaves before the stream stands: Ferry becomes the target, at whatever step; the sender notices nothing."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")

    def accepted(method):
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer("bob@localhost/desk", "a.txt", b"1234")
        bob.expect_offer().accept(method)
        offer.accepted(method)
        return bob, offer

    def arrived():
        back = t.xmpp(ferry, "bob")
        eq(t.get(take_link(back, "alice@localhost")[0]).body, b"1234")
        back.end()

    for method in ("ibb", "s5b"):  # before the first word of a stream
        bob, offer = accepted(method)
        bob.abort()
        ferry.log_expect("taken over .*state=taken")
        (alice.ibb_send if method == "ibb" else alice.s5b_send)(offer.to, offer.sid, b"1234")
        arrived()

    bob, offer = accepted("ibb")  # with an open that waits for him
    opened = alice.ibb_open(offer.to, offer.sid, wait=False)
    bob.take("iq/{ibb}open")
    bob.abort()
    eq(alice.answer(opened, offer.to)["type"], "result")
    alice.ibb_blocks(offer.to, offer.sid, b"1234")
    eq(alice.ibb_close(offer.to, offer.sid)["type"], "result")
    arrived()

    bob, offer = accepted("s5b")  # with a list of stream hosts that waits for him
    own = t.streamhost()
    uid = alice.s5b_query(offer.to, offer.sid, [own])
    bob.take("iq/{s5b}query")
    bob.abort()
    wire = own.accept()
    wire.serve(dst_addr(offer.sid, alice.jid, offer.to))
    alice.s5b_used(uid, offer.to, alice.jid)
    wire.write(b"1234")
    wire.close()
    arrived()
