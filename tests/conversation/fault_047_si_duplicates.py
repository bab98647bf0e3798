"""Row 47: the same sid again from the same sender to the same address is not-acceptable; the open offer is not harmed."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")
    first = alice.offer("bob@localhost", "a.txt", b"1234", methods=("ibb",))
    first.accepted()
    alice.offer("bob@localhost", "b.txt", b"12345678", methods=("ibb",), sid=first.sid).refused("not-acceptable")
    carol.offer("bob@localhost", "c.txt", b"12", methods=("ibb",), sid=first.sid).accepted()
    alice.ibb_send("bob@localhost", first.sid, b"1234")
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob, "alice@localhost")[0]).body, b"1234")
