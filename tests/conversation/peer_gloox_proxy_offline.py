"""libgloox sends through the server's proxy to a user who is offline: he gets a link to equal bytes."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(200001)
    path = t.write("picture.bin", data)
    host, port = ferry.address("proxy65")
    alice = t.gloox(ferry, "alice", "send", "bob@localhost", path, "proxy", "proxy.localhost", host, port)
    alice.expect_line("notice stored")
    eq(alice.wait(), 0)
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
