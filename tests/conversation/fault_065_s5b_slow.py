"""Row 65: a bytestream below min_rate over stall is ended: the file is not stored, the sender is told; a relay is closed too."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "1s", "limits.min_rate": 500})
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", size=1000, methods=("s5b",))
    offer.accepted()
    wire = alice.s5b_send("bob@localhost", offer.sid, b"y", close=False)
    wire.expect_eof()
    take_notice(alice, "failed")
    _, host, port = alice.proxy_address()
    bob = t.xmpp(ferry, "bob")
    key = dst_addr("s", alice.jid, bob.jid)
    target, requester = t.socks(host, port, key), t.socks(host, port, key)
    eq(alice.activate("s", bob.jid)["type"], "result")
    requester.write(b"y")
    ok(target.read_all() in (b"y", b""), "more than was sent")
    requester.expect_eof()
