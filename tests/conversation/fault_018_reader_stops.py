"""Row 18: who is sent more than he reads is ended with resource-constraint after `stall`; the producer is paused meanwhile and
goes on afterwards; memory stays bounded."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"limits.stall": "1s", "limits.idle_ping": "60s"}, mode="plain")
    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")
    bob = t.xmpp(ferry, "bob", rcvbuf=4096)
    before = ferry.rss_kb()
    bob.paused = True
    body = "x" * 60000
    for _ in range(400):
        alice.message(bob.jid, body)
    alice.message(carol.jid, "behind the flood")
    carol.message(alice.jid, "neighbours are served")
    alice.take("message", body="neighbours are served")
    ferry.log_expect(r"resource-constraint")
    carol.expect("message", body="behind the flood")
    ok(ferry.rss_kb() - before < 8192, f"memory grew by {ferry.rss_kb() - before} kB")
