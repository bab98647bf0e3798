"""A no that comes while the bytes are on their way to Ferry: the stream is closed, nothing is kept, the sender is told why."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    ferry.reload(**{"offers.answer_timeout": "2s"})
    offer = alice.offer("bob@localhost", "a.txt", b"12345678", methods=("ibb",))
    seen = bob.expect_offer()
    ferry.reload(**{"offers.answer_timeout": None})  # for the next steps there is time
    offer.accepted("ibb")
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"1234")
    seen.decline("forbidden")
    el = alice.take("iq[@type='set']/{ibb}close")
    eq((el["from"], el.find("close")["sid"]), ("bob@localhost", offer.sid))
    alice.result(el)
    eq(take_notice(alice, "failed").find("transfer")["why"], "declined")
    eq(alice.ibb_close("bob@localhost", offer.sid).error, "item-not-found")
    ok(not bob.have("message"), "a link to nothing")
