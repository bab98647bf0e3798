"""libpurple is back, and prefers transfers: it gets the waiting files as offers from their sender, through our proxy and in band."""
import os

from talk import *


def run(t):
    t.own_network()
    for method, proxy in (("bytestreams", "127.0.0.1:0"), ("ibb", "")):
        ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "proxy65.listen": proxy})
        alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
        alice.befriend(bob)
        bob.end()
        files = {f"{i}.bin": os.urandom(size) for i, size in enumerate((1, 200_001))}
        for name, data in files.items():
            alice.leave_file("bob@localhost", name, data)
        bob = t.purple(ferry, "bob")
        for name, data in files.items():
            eq(bob.received(name), data, f"{name} {method}")
            take_notice(alice, "fetched")
        bob.quit()
        ferry.stop()
