"""A libgloox client sends to somebody who is not there: in band, from its own stream host, and through our proxy."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(200001)
    path = t.write("picture.bin", data)
    host, port = ferry.address("proxy65")
    for n, args in enumerate((("ibb",), ("s5b",), ("proxy", "proxy.localhost", host, port))):
        alice = t.gloox(ferry, "alice", "send", "bob@localhost/gone", path, *args, resource=f"g{n}", stdin=None)
        alice.expect_line("online")
        alice.expect_line("accepted")
        alice.expect_line("sent")
        eq(alice.wait(), 0)
    bob = t.xmpp(ferry, "bob")
    for _ in range(3):
        eq(sha256(t.get(take_link(bob, "alice@localhost")[0]).body), sha256(data))
