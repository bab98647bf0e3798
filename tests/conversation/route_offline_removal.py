"""Who has read his waiting messages while the index could not be written does not get them again, whoever of his comes meanwhile or
later: what he has confirmed is removed as soon as it can be."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.message("bob@localhost", "once")
    alice.settled()
    bob = t.xmpp(ferry, "bob", auto_pong=False)
    bob.take("message", body="once")
    ping = bob.take("iq/{ping}ping")
    held = ferry.hold_index()
    mark = ferry.log_mark()
    bob.result(ping)
    ferry.log_expect("the removal of offline messages waits", since=mark)
    bob.end()
    again = t.xmpp(ferry, "bob")
    again.expect_nothing()
    held.close()
    alice.settled()  # behind what was read for him, too
    again.expect_nothing()
    alice.message("bob@localhost", "new")
    again.expect("message", body="new")
    again.expect_nothing()
    db = ferry.index()
    t.pump(lambda: db.execute("SELECT count(*) FROM offline").fetchone()[0] == 0, "an empty index")
    db.close()
    again.end()
    t.xmpp(ferry, "bob").expect_nothing()
