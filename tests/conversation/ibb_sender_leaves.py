"""A sender whose session ends has sent what he will send: of a file that is whole only his farewell was missing, and it is stored; any other is
given up at once, he is told, and a daemon that stops waits for neither."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "1h"})
    for size, state in ((10, "stored"), (11, "failed")):
        alice = t.xmpp(ferry, "alice")
        offer = alice.offer("bob@localhost", f"{state}.txt", size=size, methods=("ibb",))
        offer.accepted()
        alice.ibb_open("bob@localhost", offer.sid)
        alice.ibb_blocks("bob@localhost", offer.sid, b"0123456789")
        alice.abort()
        again = t.xmpp(ferry, "alice")
        take_notice(again, state)
        again.end()
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "c.txt", size=11, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"0123456789")
    mark = ferry.log_mark()
    ferry.signal(15)
    ferry.log_expect("draining sessions=1 transfers=1", since=mark)
    alice.abort()
    ferry.wait_exit(0)
    ferry.start()
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"0123456789")
    bob.expect_nothing()
