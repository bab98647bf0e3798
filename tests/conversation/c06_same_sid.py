"""C6, row 47: the same sid from two senders, and from one sender to two receivers: independent transfers."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol", "dave"])
    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")
    for who, to in ((alice, "bob@localhost"), (carol, "bob@localhost"), (alice, "dave@localhost")):
        who.offer(to, "a.txt", size=5, methods=("ibb",), sid="same").accepted("ibb")
    for who, to in ((alice, "bob@localhost"), (carol, "bob@localhost"), (alice, "dave@localhost")):
        eq(who.ibb_open(to, "same")["type"], "result")
    for who, to, data in ((carol, "bob@localhost", b"carol"), (alice, "dave@localhost", b"dave!"), (alice, "bob@localhost", b"alice")):
        who.ibb_blocks(to, "same", data)
        eq(who.ibb_close(to, "same")["type"], "result")
    bob, dave = t.xmpp(ferry, "bob"), t.xmpp(ferry, "dave")
    eq(t.get(take_link(bob, "alice@localhost")[0]).body, b"alice")
    eq(t.get(take_link(bob, "carol@localhost")[0]).body, b"carol")
    eq(t.get(take_link(dave, "alice@localhost")[0]).body, b"dave!")
