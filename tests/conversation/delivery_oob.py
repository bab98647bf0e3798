"""A client that knows no offers is asked by jabber:iq:oob: its result proves the fetch, and nothing more is sent; one that chooses
that method in its answer to the offer gets the same; not-acceptable is a no."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    for name in ("unknown.txt", "chosen.txt", "no.txt"):
        alice.leave_file("bob@localhost", name, name.encode())
    bob = t.xmpp(ferry, "bob")

    seen = bob.expect_offer()
    seen.decline("not-acceptable", code=406)
    asked = bob.take("iq[@type='set']/{iqoob}query")
    eq((asked["from"], asked.find("query")["sid"]), (seen.sender, seen.sid))
    eq(t.get(asked.text_of("query/url")).body, b"unknown.txt")
    bob.result(asked)
    take_notice(alice, "fetched")

    bob.expect_offer().accept("jabber:iq:oob")
    asked = bob.take("iq[@type='set']/{iqoob}query")
    bob.result(asked)
    take_notice(alice, "fetched")

    bob.expect_offer().decline("service-unavailable")
    bob.send_error(bob.take("iq[@type='set']/{iqoob}query"), "not-acceptable")
    take_link(bob, "alice@localhost")
    bob.expect_nothing()

    bob.abort()
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
