"""Row 50: more bytes than were announced, in one go with the handshake at our proxy: the activation is answered, the offer fails, and the
daemon goes on."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    px, bob = alice.proxy_address(), "bob@localhost"
    offer = alice.offer(bob, "a.txt", b"x", methods=("s5b",))
    offer.accepted("s5b")
    uid = alice.s5b_query(bob, offer.sid, [px])
    alice.s5b_used(uid, bob, px[0])
    wire = t.dial(px[1], px[2])
    wire.write(b"\5\1\0\5\1\0\3\x28" + dst_addr(offer.sid, alice.jid, bob).encode() + b"\0\0" + b"more than one")
    wire.need(2 + 47)
    eq(alice.activate(offer.sid, bob)["type"], "result")
    take_notice(alice, "failed")
    wire.expect_eof()
    alice.sync()
