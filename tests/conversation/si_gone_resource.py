"""An offer to a resource that is gone is taken by Ferry, even though the receiver is there with another one."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob", resource="phone")
    alice.send_file("bob@localhost/desk", "a.txt", b"to the desk", method="ibb")
    url, message = take_link(bob, "alice@localhost")
    ok(message.find("{urn:xmpp:delay}delay") is None, "no delay stamp: it was not stored for later")
    eq(t.get(url).body, b"to the desk")
    take_notice(alice, "stored")
