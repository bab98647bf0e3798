"""C20: blocks may be smaller than agreed, and of every size up to it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = bytes(range(256)) * 40
    offer = alice.offer("bob@localhost", "a.bin", data, methods=("ibb",))
    offer.accepted()
    eq(alice.ibb_open("bob@localhost", offer.sid, 4096)["type"], "result")
    at, seq = 0, 0
    for size in (3070, 1, 2, 3, 4095, 4096, 0, 5000):
        chunk = data[at:at + min(size, 4096)]
        eq(alice.answer(alice.ibb_data("bob@localhost", offer.sid, seq, chunk))["type"], "result")
        at, seq = at + len(chunk), seq + 1
        if at == len(data):
            break
    alice.ibb_blocks("bob@localhost", offer.sid, data[at:], seq=seq)
    eq(alice.ibb_close("bob@localhost", offer.sid)["type"], "result")
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, data)
