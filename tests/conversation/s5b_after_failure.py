"""After Ferry's item-not-found the record waits: a second query with a host that can be reached works, and so does an in-band
open of that sid, though bytestreams were chosen (libpurple falls back like that)."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    unreachable = [(alice.jid, "192.0.2.1", 5000)]
    for again in ("s5b", "ibb"):
        offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
        offer.accepted("s5b")
        expect_error(alice.s5b_query("bob@localhost", offer.sid, unreachable, wait=True), "item-not-found")
        if again == "s5b":
            alice.s5b_send("bob@localhost", offer.sid, b"1234")
        else:
            alice.ibb_send("bob@localhost", offer.sid, b"1234")
        take_notice(alice, "stored")
