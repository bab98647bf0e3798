"""With takeover off an offer stays between the two: *cannot* reaches the sender, a slow answer to the stream hosts does too, from the
address asked, and whoever leaves is gone."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.takeover": "off", "offers.answer_timeout": "4s"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    offer = alice.offer("bob@localhost/", "a.txt", b"1234")
    bob.send_error(bob.expect_offer().el, "not-acceptable", code=406)
    offer.refused("not-acceptable", code=406)

    own = t.streamhost()
    offer = alice.offer("bob@localhost/", "a.txt", b"1234")
    bob.expect_offer().accept("s5b")
    offer.accepted("s5b")
    mark = ferry.log_mark()
    uid = alice.s5b_query(offer.to, offer.sid, [own])
    el = bob.take("iq/{s5b}query")
    ferry.log_expect("offer timeout .*state=opening", since=mark)
    bob.send_error(el, "item-not-found", code=404)
    expect_error(alice.answer(uid, offer.to), "item-not-found")
    eq(own.count, 0, "connections of Ferry")
    alice.ibb_opened(bob, offer.to, offer.sid)
    block = alice.ibb_data(offer.to, offer.sid, 0, b"12")
    bob.take("iq/{ibb}data")
    bob.abort()
    expect_error(alice.answer(block, offer.to), "item-not-found")
    alice.offer("bob@localhost", "a.txt", b"1234").refused("service-unavailable")
    alice.expect_nothing()
