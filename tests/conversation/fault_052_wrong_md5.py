"""Row 52: bytes that do not match the declared MD5 are not published; the sender is told. An equal one is stored, in either case."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"right bytes", methods=("ibb",), hash=md5(b"other bytes"))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"right bytes")
    expect_error(alice.ibb_close("bob@localhost", offer.sid), "not-acceptable")
    take_notice(alice, "failed")
    offer = alice.offer("bob@localhost", "b.txt", b"right bytes", methods=("s5b",), hash=md5(b"other bytes"))
    offer.accepted()
    alice.s5b_send("bob@localhost", offer.sid, b"right bytes")
    take_notice(alice, "failed")
    alice.send_file("bob@localhost", "c.txt", b"right bytes", hash=md5(b"right bytes").upper())
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"right bytes")
    bob.expect_nothing()
