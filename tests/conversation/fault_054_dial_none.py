"""Row 54: with dial = none no stream host is dialled at all, the session's own address neither."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.dial": "none"})
    alice = t.xmpp(ferry, "alice")
    own = t.streamhost()
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    expect_error(alice.s5b_query("bob@localhost", offer.sid, [own], wait=True), "item-not-found")
    eq(own.count, 0, "connections")
