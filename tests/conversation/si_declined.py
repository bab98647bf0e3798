"""No is no: the receiver's refusal reaches the sender untouched, from the address asked, and Ferry takes nothing."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    offer = alice.offer("bob@localhost", "a.txt", b"1234")
    bob.expect_offer().decline("forbidden")
    el = offer.refused("forbidden", type="cancel", code=403)
    ok("Offer Declined" in el.xml(), "his own words")
    expect_error(alice.ibb_open("bob@localhost", offer.sid), "not-acceptable")
    eq(ferry.ctl("ls").rows, [])
