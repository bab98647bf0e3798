"""Two online users with real clients: slixmpp sends to libgloox in band and through our proxy."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(200001)
    path = t.write("picture.bin", data)
    alice = t.slixmpp(ferry, "alice")
    for method in ("ibb", "s5b"):
        bob = t.gloox(ferry, "bob", "take", t.path("out"), method, resource=method)
        bob.expect_line("online")
        alice.do("send", to="bob@localhost/" + method, path=path, method=method)
        alice.event("sent")
        eq(bob.wait(), 0)
        with open(t.path("out"), "rb") as f:
            eq(f.read(), data, f"bytes by {method}")
    alice.quit()
