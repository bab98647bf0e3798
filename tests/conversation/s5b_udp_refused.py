"""A bytestream over UDP is not acceptable; the record is not harmed."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    own = t.streamhost()
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    expect_error(alice.s5b_query("bob@localhost", offer.sid, [own], mode="udp", wait=True), "not-acceptable")
    alice.s5b_send("bob@localhost", offer.sid, b"1234", host=own)
    take_notice(alice, "stored")
