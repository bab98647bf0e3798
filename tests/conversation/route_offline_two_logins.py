"""Messages that waited are read for a session that is gone by then, and for his next one: they reach that one once."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for word in ("one", "two"):
        alice.message("bob@localhost", word)
    alice.sync()
    held = ferry.hold_index()  # what is asked of the index now waits
    bob = t.xmpp(ferry, "bob")
    bob.sync()
    mark = ferry.log_mark()
    bob.abort()
    ferry.log_expect("bound -> closing", since=mark)
    bob = t.xmpp(ferry, "bob", auto_pong=False)
    bob.sync()
    held.close()
    bob.take("message", body="one")
    bob.take("message", body="two")
    alice.message("bob@localhost", "behind them")
    bob.take("message", body="behind them")
    alice.sync()
    bob.sync()
    eq([m.body for m in bob.have("message")], [])
