"""Real clients take delivered files: slixmpp and libgloox in band and by our proxy; the bytes are compared."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"offers.delivery": "transfer"})
    data = os.urandom(300_001)
    alice = t.xmpp(ferry, "alice")
    for method in ("ibb", "s5b"):
        alice.send_file("carol@localhost", "a.bin", data, method="ibb")
        take_notice(alice, "stored")
        carol = t.gloox(ferry, "carol", "take", t.path("out"), method)
        eq(carol.wait(), 0)
        with open(t.path("out"), "rb") as f:
            eq(sha256(f.read()), sha256(data), f"gloox by {method}")
    for method in ("ibb", "s5b"):
        alice.leave_file("bob@localhost", method, data)
        os.mkdir(t.path("in-" + method))
        bob = t.slixmpp(ferry, "bob", take={"dir": t.path("in-" + method), "method": method})
        came = bob.event("received")
        with open(came["path"], "rb") as f:
            eq(sha256(f.read()), sha256(data), f"slixmpp by {method}")
        ferry.log_expect(r"delivery completed to=bob@localhost")
        bob.quit()
    eq(sum("delivery completed" in line for line in ferry.log), 4)
