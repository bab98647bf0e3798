"""A receiver who accepts a Jingle session before he has answered the session-initiate: the sender has the answer with the acceptance, and
gets no other one, neither his late one nor Ferry's, who goes on in his place when he leaves. What else he has left unanswered is answered."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(10_000)
    for answers in (True, False):
        bob = t.xmpp(ferry, "bob", resource="desk")
        j = alice.jingle(bob.jid, "a.bin", data)
        seen = bob.expect_jingle()
        said = seen.accept()
        eq(j.answer()["type"], "result")
        j.expect("session-accept")
        bob.answer(said)
        if answers:
            bob.result(seen.el)
        mark = ferry.log_mark()
        bob.end()
        ferry.log_expect("offer taken over .*why=left", since=mark)
        alice.ibb_send(j.to, j.stream, data)
        j.succeeded()
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob")
        eq(t.get(take_link(bob)[0]).body, data)
        bob.end()
        alice.expect_nothing()
    bob = t.xmpp(ferry, "bob", resource="desk")
    j = alice.jingle(bob.jid, "a.bin", data, method="s5b", candidates=candidate(alice.jid, "127.0.0.1", 4000), hash=True)
    bob.expect_jingle().accepted(j)
    said = [j.say("transport-info", j.wrap(transport_xml("s5b", j.stream, "<candidate-error/>")), wait=False),
            j.say("transport-replace", j.wrap(transport_xml("ibb", "in-band")), wait=False)]
    for _ in said:
        bob.take("iq[@type='set']/{jingle}jingle")
    bob.end()
    for uid in said:
        eq(alice.answer(uid, j.to)["type"], "result")
    j.expect("transport-accept")
    alice.ibb_send(j.to, "in-band", data)
    j.succeeded()
    take_notice(alice, "stored")
    alice.expect_nothing()
