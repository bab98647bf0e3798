"""The receiver does not answer: after answer_timeout Ferry accepts for him, and the sender sees one answer, from the address asked."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "4s"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    offer = alice.offer("bob@localhost", "a.txt", b"1234")
    seen = bob.expect_offer()
    offer.accepted("ibb")
    alice.ibb_send("bob@localhost", offer.sid, b"1234")
    take_notice(alice, "stored")
    url, _ = take_link(bob, "alice@localhost")
    bob.send_error(seen.el, "service-unavailable", code=503)  # only now: nothing new
    bob.sync()
    alice.expect_nothing()
    eq(t.get(url).body, b"1234")
