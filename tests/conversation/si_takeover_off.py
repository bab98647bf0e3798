"""takeover = off: an offer to somebody who is not there is refused as if nothing took files."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.takeover": "off"})
    alice = t.xmpp(ferry, "alice")
    alice.offer("bob@localhost", "a.txt", b"1234").refused("service-unavailable")
    alice.offer("nobody@localhost", "a.txt", b"1234").refused("service-unavailable")
