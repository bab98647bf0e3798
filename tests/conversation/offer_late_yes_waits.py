"""A yes that comes while the sender's bytes are still on their way to Ferry: they go on to Ferry, and when they are stored the
receiver gets the stream he agreed to. A smaller block than ours is granted; his close ends it, and the link stays."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    data = bytes(range(256)) * 40
    ferry.reload(**{"offers.answer_timeout": "2s"})
    offer = alice.offer("bob@localhost", "a.bin", data, methods=("ibb",))
    seen = bob.expect_offer()
    ferry.reload(**{"offers.answer_timeout": None})  # for the next steps there is time
    offer.accepted("ibb")
    alice.ibb_open("bob@localhost", offer.sid)
    seq = alice.ibb_blocks("bob@localhost", offer.sid, data[:4096])
    seen.accept("ibb")
    bob.sync()
    ok(not bob.have("iq/{ibb}open"), "a stream of what is not there yet")
    alice.ibb_blocks("bob@localhost", offer.sid, data[4096:], seq=seq)
    eq(alice.ibb_close("bob@localhost", offer.sid)["type"], "result")
    el = bob.take("iq[@type='set']/{ibb}open", from_=alice.jid)
    bob.send_error(el, "resource-constraint", "modify")
    el = bob.take("iq[@type='set']/{ibb}open", from_=alice.jid)
    eq(el.find("open")["block-size"], "2048")
    bob.result(el)
    el = bob.take("iq[@type='set']/{ibb}data", from_=alice.jid)
    bob.result(el)
    closed = bob.ibb_close(alice.jid, offer.sid)
    eq((closed["type"], closed["from"]), ("result", alice.jid))
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
    ok(not alice.have("iq/{ibb}close"), "the sender was bothered")
