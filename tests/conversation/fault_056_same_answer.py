"""Row 56: refused, forbidden, silent and not SOCKS: the same item-not-found, at a whole tenth of the time that there is to dial."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    closed = t.streamhost()
    port = closed.port
    closed.close()
    silent, other = t.streamhost(), t.listen()
    seen = set()
    ferry.reload(**{"limits.handshake": "2s"})
    for host, at in (("127.0.0.1", port), ("192.0.2.1", 5000), ("127.0.0.1", 22), ("127.0.0.1", silent.port), ("127.0.0.1", other.port)):
        began = time.monotonic()
        uid = alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, host, at)])
        if at == other.port:
            other.accept().write(b"220 mail.example.org ESMTP\r\n")
        el = alice.answer(uid, "bob@localhost")
        took = time.monotonic() - began
        ok(took >= 0.19, f"answered after {took:.3f} s, before the beat of 0.2 s")
        seen.add(el.find("error").xml())
    eq(len(seen), 1, "different errors")
