"""The receiver is there, but his client knows no Jingle, or not this kind of it: Ferry takes the file for him, and the sender
sees one answer, from the address he asked. With takeover off he hears what the client said."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob", resource="old")
    data = b"some bytes"

    def finish(j, to):
        transport = j.expect("session-accept").find("{jingle}jingle/content/{jibb}transport")
        eq(transport["sid"], j.stream)
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        eq(t.get(take_link(bob, "alice@localhost")[0]).body, data)
    for to, condition in (("bob@localhost", "service-unavailable"), ("Bob@localhost/old", "feature-not-implemented")):
        j = alice.jingle(to, "a.txt", data)
        bob.send_error(bob.expect_jingle().el, condition, text="no")
        eq(j.answer()["type"], "result")
        finish(j, to)
    for reason in ("unsupported-applications", "unsupported-transports", "incompatible-parameters", "connectivity-error", "failed-transport",
                   "timeout", "expired", "gone"):
        j = alice.jingle("bob@localhost/old", "b.txt", data)
        seen = bob.expect_jingle()
        bob.result(seen.el)
        eq(j.answer()["type"], "result")
        eq(seen.terminate(reason)["type"], "result")
        finish(j, "bob@localhost/old")
    j = alice.jingle("bob@localhost/old", "c.txt", data, size=False)  # Dino needs to know it
    bob.send_error(bob.expect_jingle().el, "bad-request", type="modify")
    eq(j.answer()["type"], "result")
    finish(j, "bob@localhost/old")
    j = alice.jingle("bob@localhost/old", "d.txt", data)
    bob.send_error(bob.expect_jingle().el, "bad-request", type="modify")
    j.refused("bad-request")
    bob.expect_nothing()
    off = t.ferry(users=["alice", "bob"], conf={"offers.takeover": "off"})
    alice, bob = t.xmpp(off, "alice"), t.xmpp(off, "bob")
    j = alice.jingle("bob@localhost", "a.txt", data)
    bob.send_error(bob.expect_jingle().el, "service-unavailable")
    j.refused("service-unavailable")
    bob.end()
    alice.jingle("bob@localhost", "a.txt", data).refused("service-unavailable")
