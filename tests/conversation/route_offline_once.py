"""Who has read his waiting messages and comes back at once does not get them again, however slow the disk is to forget them."""
import os
import sqlite3

from talk import *
from talk.slots import span


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.message("bob@localhost", "once")
    alice.message("nobody@localhost", "behind it")
    alice.expect("message[@type='error']")
    db = sqlite3.connect(os.path.join(ferry.spool, "index.db"), timeout=20, isolation_level=None)
    bob = t.xmpp(ferry, "bob", presence=False)
    bob.auto_pong = False
    bob.send("<presence/>")
    bob.take("message", body="once")
    db.execute("BEGIN IMMEDIATE")  # nothing is removed now
    bob.auto_pong = True
    bob.end()
    again = t.xmpp(ferry, "bob")
    span(t, 1)
    db.execute("ROLLBACK")
    db.close()
    again.expect_nothing()
    alice.message("bob@localhost", "new")
    again.expect("message", body="new")
