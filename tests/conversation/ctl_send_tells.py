"""What ferryctl send stores is told to the receiver, in the name of the user it is sent from."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob = t.xmpp(ferry, "bob")
    link = ferry.ctl("send", t.write("a.txt", "hello"), "bob@localhost", "--from", "alice@localhost").out.strip()
    eq(take_link(bob, "alice@localhost")[0], link)
