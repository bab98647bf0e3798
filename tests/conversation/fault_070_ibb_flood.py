"""Row 70: a flood of blocks without waiting for results, in iqs and in messages: all bytes arrive, and memory stays bounded."""
import os

from talk import *

TIME_LIMIT = 120


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(6_000_000)
    rss = ferry.rss_kb()
    for stanza in ("iq", "message"):
        offer = alice.offer("bob@localhost", stanza + ".bin", data, methods=("ibb",))
        offer.accepted()
        eq(alice.ibb_open("bob@localhost", offer.sid, 32768, stanza)["type"], "result")
        alice.ibb_blocks("bob@localhost", offer.sid, data, block=32768, window=10_000, stanza=stanza)
        eq(alice.ibb_close("bob@localhost", offer.sid, limit=60)["type"], "result")
        take_notice(alice, "stored")
    grown = ferry.rss_kb() - rss
    ok(MODE != "plain" or grown < 8000, f"grew by {grown} kB")
    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        eq(sha256(t.get(take_link(bob)[0]).body), sha256(data))
