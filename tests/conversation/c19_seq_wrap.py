"""C19: the sequence number wraps from 65535 to 0; blocks in messages, smaller than agreed."""
from talk import *

TIME_LIMIT = 180


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = bytes(i * 7 % 251 for i in range(65536 + 40))
    offer = alice.offer("bob@localhost", "wrap.bin", data, methods=("ibb",), hash=True)
    offer.accepted()
    eq(alice.ibb_open("bob@localhost", offer.sid, 64, "message")["type"], "result")
    alice.ibb_blocks("bob@localhost", offer.sid, data, block=1, stanza="message")
    eq(alice.ibb_close("bob@localhost", offer.sid, limit=120)["type"], "result")
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, data)
