"""kill -9 behind the stored notice: the receiver still gets his link after the restart."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "a.txt", b"1234")
    take_notice(alice, "stored")
    ferry.may_fail = True
    ferry.kill9()
    ferry.start()
    bob = t.xmpp(ferry, "bob")
    eq(t.get(take_link(bob)[0]).body, b"1234")
