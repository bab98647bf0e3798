"""A link written to a connection that dies before the client acknowledged it comes again, as the same message; it counts as told only
then. So does a notice of two files; one that says more than before is another message."""
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
    for m in (first, second):
        eq(m.find("{urn:xmpp:sid:0}origin-id")["id"], m["id"])
    t.pump(lambda: [o["told"] for o in ferry.ctl("ls", "--json").objects] == ["told"], "the mark", 20)

    def store(*names):
        """He never hears of them for certain."""
        alice = t.xmpp(ferry, "alice", auto_pong=False)
        for name in names:
            alice.send_file("bob@localhost", name, b"1234")
        alice.take("message/{ferry}transfer")
        alice.abort()

    def come():
        alice = t.xmpp(ferry, "alice", auto_pong=False)
        m = alice.take("message/{ferry}transfer")
        alice.abort()
        return m["id"], len(m.all("{ferry}transfer"))

    take_notice(alice, "stored")
    alice.end()
    again.end()
    store("b.txt", "c.txt")
    two = come()
    eq((come(), two[1]), (two, 2))
    store("d.txt")
    three = come()
    ok(three[1] == 3 and three[0] != two[0], f"two were told as {two}, three as {three}")
