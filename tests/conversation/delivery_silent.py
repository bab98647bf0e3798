"""A resource that lets an offer lie gets the link when its time is over, and the links of all else at once, however many files wait, by
Jingle and by stream initiation; another resource of his is still asked. When it logs in anew, so is it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "offers.answer_timeout": "4s"})

    def send(*names):
        for name in names:
            ferry.ctl("send", "--from", "alice@localhost", t.write(name, name.encode()), "bob@localhost")

    def links(x, *names):
        for name in names:
            ok(name in take_link(x, "alice@localhost")[0], name)
        x.expect_nothing()

    for features in ((), ("jft5", "jibb")):
        if features:  # what they stand for is known: when one comes with them nobody waits for his answer
            t.xmpp(ferry, "bob", able=features).end()
        send("1", "2", "3")
        bob = t.xmpp(ferry, "bob", resource="desk", presence=False)
        bob.able(*features) if features else bob.presence()
        seen = bob.expect_session() if features else bob.expect_offer()
        eq(seen.name, "1")
        if features:
            seen.ended("timeout")
        links(bob, "1", "2", "3")
        send("4")
        links(bob, "4")
        second = t.xmpp(ferry, "bob", resource="second", priority=1)
        send("5")
        seen = second.expect_offer()
        seen.accept("ibb")
        eq(seen.receive_ibb(), b"5")
        bob.expect_nothing()
        second.end()
        bob.end()
    send("6")
    bob = t.xmpp(ferry, "bob", resource="desk")
    eq(bob.expect_offer().name, "6")
