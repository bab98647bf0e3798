"""The messages that wait for one user are capped; beyond, the sender hears of it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for i in range(101):
        alice.message("bob@localhost", f"number {i}")
    expect_error(alice.expect("message[@type='error']", from_="bob@localhost"), "service-unavailable")
    alice.expect_nothing()
    bob = t.xmpp(ferry, "bob")
    for i in range(100):
        bob.expect("message", body=f"number {i}")
    bob.expect_nothing()
    alice.message("bob@localhost", "there is room again")
    bob.expect("message", body="there is room again")
