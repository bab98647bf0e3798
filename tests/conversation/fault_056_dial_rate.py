"""Row 56: a session's failing dials are rate limited: after a burst nothing is dialled any more; the answer stays the same.
Dials that succeed do not count."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    closed = t.streamhost()
    port = closed.port
    closed.close()
    own = t.streamhost()
    for _ in range(25):
        offer = alice.offer("bob@localhost", "a.txt", b"1", methods=("s5b",))
        offer.accepted()
        alice.s5b_send("bob@localhost", offer.sid, b"1", host=own)
        take_notice(alice, "stored")
    offer = alice.offer("bob@localhost", "a.txt", b"1", methods=("s5b",))
    offer.accepted()
    ferry.reload(**{"limits.handshake": "1s"})
    began = time.monotonic()
    for _ in range(30):
        expect_error(alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, "127.0.0.1", port)], wait=True), "item-not-found")
    dialled = sum(f"debug dial 127.0.0.1:{port}" in line for line in ferry.log)
    took = time.monotonic() - began
    ok(20 <= dialled <= 21 + took / 3, f"{dialled} dials in {took:.1f} s: twenty, and one more in three seconds")
