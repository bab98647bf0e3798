"""SIGTERM in the middle of a stream: the transfer ends as if nothing were, nothing new is taken, then the daemon stops."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"0123456789", methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"01234")
    mark = ferry.log_mark()
    ferry.signal(15)
    ferry.log_expect("draining", since=mark)
    alice.offer("bob@localhost", "b.txt", b"1").refused("service-unavailable")
    alice.ibb_blocks("bob@localhost", offer.sid, b"56789", seq=1)
    eq(alice.ibb_close("bob@localhost", offer.sid)["type"], "result")
    ferry.wait_exit(0)
    ferry.start()
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"0123456789")
