"""A user sends a file to himself: his other resource gets the offer; alone, Ferry keeps the file for him."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    one = t.xmpp(ferry, "alice", resource="one")
    one.send_file("alice@localhost", "a.txt", b"mine")
    url, _ = take_link(one, "alice@localhost")
    eq(t.get(url).body, b"mine")
    two = t.xmpp(ferry, "alice", resource="two")
    offer = one.offer("alice@localhost", "b.txt", b"mine too")
    two.expect_offer().decline("forbidden")
    offer.refused("forbidden")
