"""Links and messages that could not be read when their receiver came are told as soon as they can be,
without another sign of him."""
import fcntl
import os

from talk import *
from talk.slots import span


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "a.txt", b"0123456789")
    take_notice(alice, "stored")
    alice.message("bob@localhost", "and some words")
    alice.sync()
    bob = t.xmpp(ferry, "bob", presence=False)
    shm = os.open(os.path.join(ferry.spool, "index.db-shm"), os.O_RDWR)
    fcntl.lockf(shm, fcntl.LOCK_EX, 8, 120)  # what a reader of the index's log needs: held here for longer than it waits
    mark = ferry.log_mark()
    bob.send("<presence/>")
    ferry.log_expect("index error", since=mark)
    span(t, 0.5)
    os.close(shm)
    take_link(bob, "alice@localhost")
    bob.take("message", body="and some words")
