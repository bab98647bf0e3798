"""A new file is told to every resource that wants messages, at once; a negative priority does not."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    one = t.xmpp(ferry, "bob", resource="one", priority=0)
    two = t.xmpp(ferry, "bob", resource="two", priority=7)
    negative = t.xmpp(ferry, "bob", resource="negative", priority=-1)
    alice.send_file("bob@localhost/gone", "a.txt", b"1234")
    eq(take_link(one)[0], take_link(two)[0])
    negative.expect_nothing()
