"""A delivery that is declined, or closed by the receiver, becomes the link's message, and is not offered again, in a later session
either; the same for a client that cannot, which is asked by jabber:iq:oob too."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice = t.xmpp(ferry, "alice")

    def send(name):
        alice.leave_file("bob@localhost", name, b"some bytes")

    send("no.txt")
    bob = t.xmpp(ferry, "bob", auto_pong=False)
    bob.expect_offer().decline("forbidden")
    link = bob.take("message[@type='chat']/{oob}x")
    ok("no.txt" in link.body, link.body)
    bob.abort()  # it never acknowledged the link: told again, not offered again
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, b"some bytes")
    bob.expect_nothing()

    bob.end()
    send("close.txt")
    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    seen.accept("ibb")
    bob.result(bob.take("iq/{ibb}open"))
    bob.take("iq/{ibb}data")
    bob.ibb_close("alice@localhost/ferry", seen.sid)
    take_link(bob, "alice@localhost")

    bob.end()
    send("cannot.txt")
    bob = t.xmpp(ferry, "bob")
    bob.expect_offer().decline("service-unavailable", code=503)
    asked = bob.take("iq[@type='set']/{iqoob}query")
    eq((asked["from"], asked.find("query").get("sid") is None), ("alice@localhost/ferry", False))
    bob.send_error(asked, "service-unavailable")
    take_link(bob, "alice@localhost")
    bob.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
