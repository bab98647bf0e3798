"""C21: in-band data in messages is taken; a missing stanza attribute means iq."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(50_000)
    alice.send_file("bob@localhost", "m.bin", data, stanza="message")
    take_notice(alice, "stored")
    offer = alice.offer("bob@localhost", "i.bin", data, methods=("ibb",))
    offer.accepted()
    eq(alice.ibb_open("bob@localhost", offer.sid, stanza=None)["type"], "result")
    alice.ibb_blocks("bob@localhost", offer.sid, data)
    eq(alice.ibb_close("bob@localhost", offer.sid)["type"], "result")
    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        eq(t.get(take_link(bob)[0]).body, data)
