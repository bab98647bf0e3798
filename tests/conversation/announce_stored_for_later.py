"""Files for somebody away wait: all his resources with priority >= 0 hear of them, with a delay stamp; once told, never again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for i in range(30):
        alice.send_file("bob@localhost", f"{i}.txt", b"%d" % i)
    for i in range(30):
        take_notice(alice, "stored")
    negative = t.xmpp(ferry, "bob", resource="negative", priority=-1)
    negative.expect_nothing()
    bob = t.xmpp(ferry, "bob", resource="main")
    seen = set()
    for i in range(30):
        url, m = take_link(bob, "alice@localhost")
        ok(m.find("{urn:xmpp:delay}delay[@stamp]") is not None, "a delay stamp")
        seen.add(url)
    eq(len(seen), 30)
    negative.expect_nothing()
    t.pump(lambda: len(ferry.ctl("ls", "--json").objects) == 30 and
           all(o["told"] == "told" for o in ferry.ctl("ls", "--json").objects), "all to be told", 20)
    second = t.xmpp(ferry, "bob", resource="second")
    second.expect_nothing()
    ferry.restart()
    again = t.xmpp(ferry, "bob")
    again.expect_nothing()
