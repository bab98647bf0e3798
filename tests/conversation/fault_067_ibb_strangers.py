"""Row 67: in-band data of another full JID, or of an unknown sid: item-not-found; the victim's stream is intact."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice = t.xmpp(ferry, "alice", resource="one")
    twin = t.xmpp(ferry, "alice", resource="two")
    carol = t.xmpp(ferry, "carol")
    offer = alice.offer("bob@localhost", "a.txt", b"12345678", methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    for who in (twin, carol):
        expect_error(who.answer(who.ibb_data("bob@localhost", offer.sid, 0, b"evil")), "item-not-found", type="cancel")
        expect_error(who.ibb_close("bob@localhost", offer.sid), "item-not-found")
        who.ibb_data("bob@localhost", offer.sid, 0, b"evil", stanza="message")
        expect_error(who.take("message[@type='error']"), "item-not-found")
    expect_error(alice.answer(alice.ibb_data("bob@localhost", "unknown", 0, b"evil")), "item-not-found")
    alice.ibb_blocks("bob@localhost", offer.sid, b"12345678")
    eq(alice.ibb_close("bob@localhost", offer.sid)["type"], "result")
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"12345678")
