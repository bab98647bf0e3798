"""Several streams of one sender at once, in band and by bytestream, do not disturb each other; the session stays usable."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    files = {}
    for i in range(4):
        data = os.urandom(150_000 + i)
        offer = alice.offer("bob@localhost", f"{i}.bin", data, methods=("ibb" if i % 2 else "s5b",), hash=True)
        offer.accepted()
        files[offer.sid] = data
    inband = list(files)[1::2]
    for sid in inband:
        alice.ibb_open("bob@localhost", sid, 8192)
    for sid in list(files)[::2]:
        alice.s5b_send("bob@localhost", sid, files[sid])
    for at in range(0, 150_003, 8192):
        for sid in inband:
            if files[sid][at:at + 8192]:
                alice.ibb_blocks("bob@localhost", sid, files[sid][at:at + 8192], block=8192, seq=at // 8192)
    for sid in inband:
        eq(alice.ibb_close("bob@localhost", sid)["type"], "result")
    for _ in range(4):
        take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    eq(sorted(sha256(t.get(take_link(bob)[0]).body) for _ in range(4)), sorted(map(sha256, files.values())))
