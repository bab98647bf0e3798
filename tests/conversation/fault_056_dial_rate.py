"""Row 56: a session's failing dials are rate limited: after a burst nothing is dialled any more; the answer stays the same.
Dials that succeed do not count."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.handshake": "1s", "limits.stall": "5s"})
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
    for _ in range(30):
        expect_error(alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, "127.0.0.1", port)], wait=True), "item-not-found")
    dialled = sum(f"debug dial 127.0.0.1:{port}" in line for line in ferry.log)
    ok(18 <= dialled <= 24, f"{dialled} dials")
