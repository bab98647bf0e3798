"""A sender whose stream hosts nobody reaches, and who does not go on in band, is sent an upload link, in his stream's language: what is
put there is the receiver's."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "10s"})
    alice = t.xmpp(ferry, "alice")
    nowhere = [(alice.jid, "192.0.2.1", 5000)]
    for there in (False, True):
        bob = t.xmpp(ferry, "bob") if there else None
        offer = alice.offer("bob@localhost", "a b.txt", b"1234", methods=("s5b",))
        if there:
            bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        uid = alice.s5b_query(offer.to, offer.sid, nowhere)
        if there:
            bob.send_error(bob.take("iq/{s5b}query"), "item-not-found", code=404)
        expect_error(alice.answer(uid, offer.to), "item-not-found")
        m = take_notice(alice, "upload")
        put = m.find("transfer")["put"]
        ok(put in m.body and "a b.txt" in m.body, m.body)
        eq(m["from"], "upload.localhost")
        eq(t.put(put, b"1234").status, 201)
        take_notice(alice, "stored")
        bob = bob or t.xmpp(ferry, "bob")
        eq(t.get(take_link(bob, "alice@localhost")[0]).body, b"1234")
        bob.end()
