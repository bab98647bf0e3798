"""The receiver's client says nothing, or he does not decide, or he leaves before he has: Ferry accepts in his place. If he is there
he hears that the session is over, and the sender hears nothing of what he says later."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob", resource="phone")
    to, data = "Bob@localhost/", b"some bytes"

    def finish(j):
        j.expect("session-accept")
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        take_notice(alice, "stored")
    for answers in (False, True):
        ferry.reload(**{"offers.answer_timeout": "2s"})
        j = alice.jingle(to, "a.txt", data)
        seen = bob.expect_jingle()
        ferry.reload(**{"offers.answer_timeout": None})  # for the sender's next step there is time
        if answers:
            bob.result(seen.el)
        eq(j.answer()["type"], "result")
        el = bob.take("iq[@type='set']/{jingle}jingle[@action='session-terminate']", from_=alice.jid)
        ok(el.find("{jingle}jingle/reason/timeout") is not None, el)
        bob.result(el)
        eq(seen.say("session-info")["type"], "result")
        if not answers:
            bob.result(seen.el)
        finish(j)
        eq(t.get(take_link(bob)[0]).body, data)
    for answers in (False, True):
        j = alice.jingle(to, "b.txt", data)
        seen = bob.expect_jingle()
        if answers:
            bob.result(seen.el)
            eq(j.answer()["type"], "result")
        bob.abort()
        if not answers:
            eq(j.answer()["type"], "result")
        finish(j)
        bob = t.xmpp(ferry, "bob", resource="phone")
        eq(t.get(take_link(bob)[0]).body, data)
