"""A bytestream goes on when the sender's XMPP session has gone: the file is stored, and he is told when he is back."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"12345678", methods=("s5b",))
    offer.accepted()
    wire = alice.s5b_send("bob@localhost", offer.sid, b"1234", close=False)
    alice.end()
    wire.write(b"5678")
    wire.expect_eof()
    again = t.xmpp(ferry, "alice")
    take_notice(again, "stored")
