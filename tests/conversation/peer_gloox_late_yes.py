"""libgloox as a receiver who answers too late (it is stopped meanwhile): Ferry has taken the file, and then sends it to him in band or
through the proxy, as he chose; the sender sees one answer."""
import os
import signal

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "4s"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(200001)
    for method in ("ibb", "s5b"):
        bob = t.gloox(ferry, "bob", "take", t.path("out"), method, resource=method)
        bob.expect_line("online")
        bob.signal(signal.SIGSTOP)
        to = "bob@localhost/" + method
        offer = alice.offer(to, "picture.bin", data)
        offer.accepted("ibb")
        alice.ibb_send(to, offer.sid, data)
        take_notice(alice, "stored")
        bob.signal(signal.SIGCONT)
        bob.expect_line(f"received {len(data)}")
        eq(bob.wait(), 0)
        with open(t.path("out"), "rb") as f:
            eq(f.read(), data, f"bytes by {method}")
        ferry.log_expect("outgoing completed .*bytes=200001")
        alice.sync()
        ok(not [e for e in alice.have("iq") if e.get("id") == offer.uid], "a second answer")
