"""Who wants both gets the link's message and then the offer; the link comes once, also when he leaves before the transfer is through.
One who goes back to links only hears nothing more of a file whose link he has."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice = t.xmpp(ferry, "alice")
    ferry.ctl("user", "set", "bob@localhost", "delivery", "both")

    def send(name, to="bob@localhost"):
        alice.send_file(to, name, name.encode(), method="ibb")
        take_notice(alice, "stored")

    send("a.txt")
    send("b.txt")
    bob = t.xmpp(ferry, "bob")
    eq(sorted(take_link(bob, "alice@localhost")[0].rsplit("/", 1)[1] for _ in range(2)), ["a.txt", "b.txt"])
    bob.expect_offer()
    bob.sync()
    bob.abort()

    bob = t.xmpp(ferry, "bob")
    names = []
    for _ in range(2):
        seen = bob.expect_offer()
        seen.accept("ibb")
        eq(seen.receive_ibb(), seen.name.encode())
        names.append(seen.name)
    eq(sorted(names), ["a.txt", "b.txt"])
    bob.expect_nothing()

    bob.end()
    send("c.txt")
    bob = t.xmpp(ferry, "bob")
    take_link(bob, "alice@localhost")
    bob.expect_offer()
    bob.abort()
    ferry.ctl("user", "set", "bob@localhost", "delivery", "link")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")

    send("d.txt", "carol@localhost")  # the site's word: links
    carol = t.xmpp(ferry, "carol")
    take_link(carol, "alice@localhost")
    carol.expect_nothing()
