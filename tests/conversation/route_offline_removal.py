"""Who has read his waiting messages while the index could not be written does not get them again, whoever of his comes meanwhile or
later: what he has confirmed is removed as soon as it can be."""
import os
import sqlite3

from talk import *


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
    ping = bob.take("iq/{ping}ping")
    db.execute("BEGIN IMMEDIATE")
    mark = ferry.log_mark()
    bob.result(ping)
    ferry.log_expect("the removal of offline messages waits", since=mark)
    bob.end()
    again = t.xmpp(ferry, "bob")
    again.expect_nothing()
    db.execute("ROLLBACK")
    alice.message("nobody@localhost", "behind what was read for him")
    alice.expect("message[@type='error']")
    again.expect_nothing()
    alice.message("bob@localhost", "new")
    again.expect("message", body="new")
    again.expect_nothing()
    t.pump(lambda: db.execute("SELECT count(*) FROM offline").fetchone()[0] == 0, "an empty index")
    db.close()
    again.end()
    t.xmpp(ferry, "bob").expect_nothing()
