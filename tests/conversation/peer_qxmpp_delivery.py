"""libqxmpp is back, and prefers transfers: it gets the waiting files as offers from their sender, in band and through our proxy."""
import os

from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    for methods in ("ibb", "s5b"):
        files = {f"{methods}{size}": os.urandom(size) for size in (1, 200_001)}
        for name, data in files.items():
            alice.leave_file("bob@localhost", name, data)
        bob = t.qxmpp(ferry, "bob", methods=methods)
        for name, data in files.items():
            eq(bob.received(name), data, name)
            take_notice(alice, "fetched")
        bob.quit()
