"""C12: Ferry's SOCKS request to a stream host comes in one piece of 47 bytes."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    own = t.streamhost()
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    uid = alice.s5b_query("bob@localhost", offer.sid, [own])
    wire = own.accept()
    eq(wire.greeting(), [0])
    wire.write(b"\x05\x00")
    address = dst_addr(offer.sid, alice.jid, "bob@localhost")
    eq(bytes(wire.need(47)), b"\x05\x01\x00\x03\x28" + address.encode() + b"\x00\x00")
    wire.reply(address)
    alice.s5b_used(uid, "bob@localhost", alice.jid)
    wire.write(b"1234")
    wire.close()
    take_notice(alice, "stored")
