"""C3: an empty file is a file, in band and by bytestream."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "empty.txt", b"", method="ibb")
    take_notice(alice, "stored")
    alice.send_file("bob@localhost", "empty too.txt", b"", method="s5b")
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        r = t.get(take_link(bob)[0])
        eq((r.status, r.body), (200, b""))
