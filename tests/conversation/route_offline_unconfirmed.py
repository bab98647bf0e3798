"""An offline message that was written to a connection nobody read from comes again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for i in range(5):
        alice.message("bob@localhost", f"number {i}")
    alice.settled()
    # The ping behind the messages is never answered.
    bob = t.xmpp(ferry, "bob", resource="deaf", presence=False, auto_pong=False)
    bob.presence()
    bob.take("message", body="number 4")
    bob.abort()
    bob = t.xmpp(ferry, "bob", resource="talk")
    for i in range(5):
        bob.take("message", body=f"number {i}")
    bob.end()
    ferry.restart()  # all that was to be written is: they are removed behind the client's back
    again = t.xmpp(ferry, "bob")
    again.expect_nothing()
