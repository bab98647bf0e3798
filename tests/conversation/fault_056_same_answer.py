"""Row 56: refused, forbidden and not SOCKS: the same item-not-found, not before the next beat."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.handshake": "2s"})
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    closed = t.streamhost()
    port = closed.port
    closed.close()
    seen = set()
    for host, at in (("127.0.0.1", port), ("192.0.2.1", 5000), ("127.0.0.1", 22)):
        began = time.monotonic()
        el = alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, host, at)], wait=True)
        took = time.monotonic() - began
        ok(took >= 0.19, f"answered after {took:.3f} s, before the beat of 0.2 s")
        seen.add(el.find("error").xml())
    eq(len(seen), 1, "different errors")
