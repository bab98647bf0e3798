"""Two online users with real clients: libgloox sends to slixmpp in band, by its own streamhost and through our proxy."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(200001)
    path = t.write("picture.bin", data)
    os.mkdir(t.path("in"))
    bob = t.slixmpp(ferry, "bob", resource="slix")
    bob.do("take", dir=t.path("in"))
    host, port = ferry.address("proxy65")
    for method in (["ibb"], ["s5b"], ["proxy", "proxy.localhost", host, port]):
        alice = t.gloox(ferry, "alice", "send", bob.jid, path, *method, stdin=None)
        came = bob.event("received")
        with open(came["path"], "rb") as f:
            eq(f.read(), data, f"bytes by {method[0]}")
        os.unlink(came["path"])
        eq(alice.wait(), 0)
    bob.quit()
    eq(ferry.ctl("ls").out, "", "nothing was stored")
