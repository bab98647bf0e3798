"""A link written to a connection that dies before the client acknowledged it comes again; it counts as told only then."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    bob.auto_pong = False
    alice.send_file("bob@localhost/gone", "a.txt", b"1234")
    url, first = take_link(bob)
    eq([o["told"] for o in ferry.ctl("ls", "--json").objects], ["waiting"])
    bob.abort()
    again = t.xmpp(ferry, "bob")
    second_url, second = take_link(again)
    eq((second_url, second["id"]), (url, first["id"]))
    t.pump(lambda: [o["told"] for o in ferry.ctl("ls", "--json").objects] == ["told"], "the mark", 20)
