"""Nobody is there: Ferry dials the sender's own stream host, takes the file, and closes only when it is stored."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(300_000)
    offer = alice.offer("bob@localhost", "a.bin", data, methods=("s5b",), hash=True)
    offer.accepted("s5b")
    wire = alice.s5b_send("bob@localhost", offer.sid, data, close=False)
    wire.expect_eof()
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(sha256(t.get(url).body), sha256(data))
