"""libgloox offers by SI to a user who is offline, and sends in band, all blocks in flight at once, as its own stream host, or through the
server's proxy: he gets links to equal bytes."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    for way in (("ibb",), ("s5b",), ("proxy", "proxy.localhost", *ferry.address("proxy65"))):
        data = os.urandom(200_001)
        alice = t.gloox(ferry, "alice", "send", "bob@localhost", t.write("picture.bin", data), *way)
        alice.expect_line("notice stored")
        eq(alice.wait(), 0)
        bob = t.xmpp(ferry, "bob")
        url, _ = take_link(bob, "alice@localhost")
        eq(t.get(url).body, data, way[0])
        bob.end()
