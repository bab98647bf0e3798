"""A second SIGTERM ends what is open at once: half a file is nothing, its quota is back, and its sender is told later."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.inbox_quota": "10M"})
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", size=9_000_000, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid, 32768)
    alice.ibb_blocks("bob@localhost", offer.sid, b"x" * 1_000_000, block=32768)
    mark = ferry.log_mark()
    ferry.signal(15)
    ferry.log_expect("draining", since=mark)
    ferry.signal(15)
    ferry.wait_exit(0)
    ferry.start()
    again = t.xmpp(ferry, "alice")
    take_notice(again, "failed")
    again.offer("bob@localhost", "b.txt", size=9_000_000).accepted()
