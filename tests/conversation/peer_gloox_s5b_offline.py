"""libgloox is its own streamhost for a user who is offline: Ferry connects to it, and he gets a link to equal bytes."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(200001)
    path = t.write("picture.bin", data)
    alice = t.gloox(ferry, "alice", "send", "bob@localhost", path, "s5b")
    alice.expect_line("notice stored")
    eq(alice.wait(), 0)
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
