"""A late yes that is too large to be kept is as good as none: it is answered, nothing is sent to the receiver in that session, and he has the
link."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    to, data = "bob@localhost", b"0123456789"
    for stored in (False, True):
        ferry.reload(**{"offers.answer_timeout": "2s"})
        j = alice.jingle(to, "a.txt", data)
        seen = bob.expect_jingle()
        ferry.reload(**{"offers.answer_timeout": None})
        bob.result(seen.el)
        eq(j.answer()["type"], "result")
        seen.dismissed("timeout")
        j.expect("session-accept")
        alice.ibb_open(to, j.stream)
        alice.ibb_blocks(to, j.stream, data)
        large = seen.wrap(f"<description xmlns='{seen.app}'><file><size>10</size></file></description>"
                          + transport_xml("ibb", seen.stream)) + f"<x xmlns='urn:x'>{'y' * 20_000}</x>"
        if not stored:
            eq(seen.say("session-accept", large)["type"], "result")
        alice.ibb_close(to, j.stream)
        j.succeeded()
        url, _ = take_link(bob, "alice@localhost")
        if stored:
            eq(seen.say("session-accept", large)["type"], "result")
        eq(t.get(url).body, data)
        bob.expect_nothing()
