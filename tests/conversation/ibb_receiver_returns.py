"""An in-band stream that Ferry took survives the receiver's coming back: all of the sid still goes to Ferry."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost/desk", "a.txt", b"12345678", methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost/desk", offer.sid)
    alice.ibb_blocks("bob@localhost/desk", offer.sid, b"1234")
    bob = t.xmpp(ferry, "bob", resource="desk")
    alice.ibb_blocks("bob@localhost/desk", offer.sid, b"5678", seq=1)
    eq(alice.ibb_close("bob@localhost/desk", offer.sid)["type"], "result")
    url, m = take_link(bob, "alice@localhost")
    eq(t.get(url).body, b"12345678")
    ok(not bob.have("iq/{ibb}data"), "blocks reached the receiver")
