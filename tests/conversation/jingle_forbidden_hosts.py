"""Rows 54 and 56 for Jingle: candidates at other addresses than the sender's own, at our own listeners, at low ports, or that are no
addresses at all are never connected to; the answer is one candidate-error for all of them, and for a host that refuses."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    ferry.reload(**{"limits.handshake": "1s"})  # the answer comes at a tenth of it
    trap, gone = t.streamhost(host="127.0.0.2"), t.streamhost()
    gone.close()
    own = [(name, ferry.address(name)) for name in ("xmpp", "proxy65", "http", "admin")]
    places = [("127.0.0.2", trap.port), ("127.0.0.1", 80), ("127.0.0.1", 0), ("127.0.0.1", "65536"), ("127.0.0.1", "4e3"), ("", trap.port),
              ("127.2", trap.port), ("0x7f000002", trap.port), ("2130706434", trap.port), ("::ffff:127.0.0.2", trap.port), ("0.0.0.0", trap.port),
              ("192.0.2.1", 5000), ("169.254.169.254", 8080), (gone.host, gone.port)] + [address for _, address in own]
    before = ferry.log_mark()
    for place in places:
        j = alice.jingle("bob@localhost", "a.txt", b"x", method="s5b", candidates=candidate(alice.jid, *place, cid="c", priority=5))
        j.accepted()
        el = j.expect("transport-info")
        words = el.find("{jingle}jingle/content/{js5b}transport").children
        eq([(w.name, w.attrs) for w in words], [("candidate-error", {})], f"for {place}")
        eq(j.terminate("cancel")["type"], "result")
    many = "".join(candidate(alice.jid, "192.0.2.1", 5000 + n, f"c{n}", n) for n in range(200))
    j = alice.jingle("bob@localhost", "a.txt", b"x", method="s5b", candidates=many)
    j.accepted()
    j.expect("transport-info")
    j.terminate("cancel")
    eq(trap.count, 0, "connections to the trap")
    ok(not any("accepted listener=" in line for line in ferry.log[before:]), "a listener of our own was dialled")
