"""With copy = on the bytes of an in-band stream between two users are kept from block 0: when the receiver leaves in the middle, with
blocks unanswered, Ferry goes on in his name and the sender notices nothing; also when only the farewell was left."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(300_000)
    for to, left in (("bob@localhost", "blocks"), ("bob@localhost/desk", "blocks"), ("BOB@localhost/", "close")):
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.inband_to(bob, data, to=to, hash=True)
        blocks = [data[i:i + 4096] for i in range(0, len(data), 4096)]
        most = len(blocks) if left == "close" else 3
        for i, block in enumerate(blocks[:most]):
            uid = alice.ibb_data(to, offer.sid, i, block)
            el = bob.take("iq/{ibb}data")
            if left == "close" or i == 0:
                bob.result(el)
                alice.answer(uid, to)
        if left == "close":
            closed = alice.ibb_close(to, offer.sid, wait=False)
            bob.take("iq/{ibb}close")
        bob.abort()
        if left == "close":
            eq(alice.answer(closed, to)["type"], "result")
        else:
            eq(alice.answer(uid, to)["type"], "result")
            alice.ibb_blocks(to, offer.sid, data[3 * 4096:], seq=3)
            eq(alice.ibb_close(to, offer.sid)["type"], "result")
        take_notice(alice, "stored")
        back = t.xmpp(ferry, "bob", resource="other")
        url, _ = take_link(back, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data))
        back.end()
