"""Where both clients are of libpurple's kind, item-not-found to the stream hosts reaches the sender at once: they go on in band by
themselves, under the same sid, untouched."""
from talk import *

CAPS = "<presence><c xmlns='http://jabber.org/protocol/caps' node='http://pidgin.im/' hash='sha-1' ver='x'/></presence>"


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.send(CAPS)
    bob.send(CAPS)
    own = t.streamhost()
    offer = alice.offer(bob.jid, "a.txt", b"1234")
    bob.expect_offer().accept("s5b")
    offer.accepted("s5b")
    uid = alice.s5b_query(bob.jid, offer.sid, [own, alice.proxy_address()])
    el = bob.take("iq/{s5b}query")
    bob.send_error(el, "item-not-found", code=404)
    expect_error(alice.answer(uid, bob.jid), "item-not-found")
    eq(own.count, 0, "connections of Ferry to the stream host")
    alice.ibb_opened(bob, bob.jid, offer.sid)
    alice.ibb_passed(bob, bob.jid, offer.sid, 0, b"1234")
    closed = alice.ibb_close(bob.jid, offer.sid, wait=False)
    bob.result(bob.take("iq/{ibb}close"))
    eq(alice.answer(closed, bob.jid)["type"], "result")
