"""Neither the receiver nor Ferry reaches a stream host: item-not-found, by condition or by its old code, and an in-band stream of
that sid then goes to the receiver, or to Ferry when he is gone by then. Another error to the bytestream is no."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    nowhere = [(alice.jid, "192.0.2.1", 5000)]

    def unreachable(old=False):
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer("bob@localhost", "a.txt", b"1234")
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        uid = alice.s5b_query(offer.to, offer.sid, nowhere)
        el = bob.take("iq/{s5b}query")
        if old:
            bob.send(f"<iq type='error' id='{el['id']}' to='{el['from']}'><error code='404'>x</error></iq>")
        else:
            bob.send_error(el, "item-not-found", code=404)
        expect_error(alice.answer(uid, offer.to), "item-not-found", code=404)
        return bob, offer

    for old in (False, True):
        bob, offer = unreachable(old)
        alice.ibb_opened(bob, offer.to, offer.sid)
        alice.ibb_data(offer.to, offer.sid, 0, b"1234")
        eq(bob.take("iq/{ibb}data").text_of("data"), "MTIzNA==")
        bob.end()
        take_notice(alice, "failed")

    bob, offer = unreachable()
    bob.end()
    alice.ibb_send(offer.to, offer.sid, b"1234")
    take_notice(alice, "stored")

    bob = t.xmpp(ferry, "bob", resource="desk")
    offer = alice.offer(bob.jid, "a.txt", b"1234")
    bob.expect_offer().accept("s5b")
    offer.accepted("s5b")
    own = t.streamhost()
    uid = alice.s5b_query(bob.jid, offer.sid, [own])
    bob.send_error(bob.take("iq/{s5b}query"), "not-acceptable", code=406)
    expect_error(alice.answer(uid, bob.jid), "not-acceptable", code=406)
    alice.sync()
    eq(own.count, 0, "Ferry dialled after a no")
