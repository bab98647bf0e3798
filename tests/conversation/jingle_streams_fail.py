"""Both are there and he has accepted, but no stream comes to him: his client rejects the transport that replaces what failed, gives
up, or neither says anything more. Ferry takes it: the sender hears no second session-accept, the receiver that the session is over.
A sender who gives up himself is sent a link to upload by. His own no is a no."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="desk")
    to, data = "bob@localhost/desk", os.urandom(30_000)
    hosts = candidate(alice.jid, "127.0.0.1", 4000)

    def accepted(method="s5b"):
        j = alice.jingle(to, "a.bin", data, method=method, candidates=hosts if method == "s5b" else "")
        seen = bob.expect_jingle()
        seen.accepted(j)
        return j, seen

    def unreached(j, seen):
        said = seen.transport_info("<candidate-error/>")
        j.expect("transport-info")
        bob.answer(said)
        said = j.say("transport-info", j.wrap(transport_xml("s5b", j.stream, "<candidate-error/>")), wait=False)
        bob.result(bob.take("iq[@type='set']/{jingle}jingle[@action='transport-info']"))
        alice.answer(said)

    def proposed(j):
        el = j.expect("transport-replace")
        j.stream = el.find("{jingle}jingle/content/{jibb}transport")["sid"]
        eq(j.say("transport-accept", j.wrap(transport_xml("ibb", j.stream)))["type"], "result")

    def finish(j):
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        eq(t.get(take_link(bob, "alice@localhost")[0]).body, data)
        take_notice(alice, "stored")

    # neither replaces it
    ferry.reload(**{"offers.answer_timeout": "40s"})  # a twentieth of it for that
    j, seen = accepted()
    unreached(j, seen)
    ferry.reload(**{"offers.answer_timeout": None})
    seen.dismissed("failed-transport")
    proposed(j)
    eq(seen.terminate("connectivity-error")["type"], "result")
    finish(j)
    # he rejects the replacement
    j, seen = accepted()
    unreached(j, seen)
    uid = j.say("transport-replace", j.wrap(transport_xml("ibb", "second")), wait=False)
    bob.result(bob.take("iq[@type='set']/{jingle}jingle[@action='transport-replace']"))
    alice.answer(uid, to)
    eq(seen.say("transport-reject", seen.wrap(transport_xml("ibb", "second")))["type"], "result")
    seen.dismissed("failed-transport")
    eq(j.expect("transport-accept").find("{jingle}jingle/content/{jibb}transport")["sid"], "second")
    j.stream = "second"
    finish(j)
    # he gives up, having reached none; or in band
    j, seen = accepted()
    unreached(j, seen)
    eq(seen.terminate("connectivity-error")["type"], "result")
    proposed(j)
    finish(j)
    j, seen = accepted("ibb")
    eq(seen.terminate("failed-transport")["type"], "result")
    finish(j)
    # his client does not know how to
    for condition in ("feature-not-implemented", "bad-request"):
        j, seen = accepted()
        unreached(j, seen)
        uid = j.say("transport-replace", j.wrap(transport_xml("ibb", "third")), wait=False)
        bob.send_error(bob.take("iq[@type='set']/{jingle}jingle[@action='transport-replace']"), condition)
        eq(alice.answer(uid, to)["type"], "result")
        seen.dismissed("failed-transport")
        eq(j.expect("transport-accept").find("{jingle}jingle/content/{jibb}transport")["sid"], "third")
        j.stream = "third"
        finish(j)
    # he says nothing to a stream, or knows no such; one that he refuses is refused
    for condition in (None, "service-unavailable", "not-acceptable"):
        j, seen = accepted("ibb")
        if not condition:
            ferry.reload(**{"offers.answer_timeout": "10s"})
        opened = alice.ibb_open(to, j.stream, wait=False)
        el = bob.take("iq/{ibb}open")
        ferry.reload(**{"offers.answer_timeout": None})
        if condition:
            bob.send_error(el, condition)
        if condition == "not-acceptable":
            expect_error(alice.answer(opened, to), condition)
            break
        seen.dismissed("failed-transport")
        eq(alice.answer(opened, to)["type"], "result")
        alice.ibb_blocks(to, j.stream, data)
        eq(alice.ibb_close(to, j.stream)["type"], "result")
        j.succeeded()
        eq(t.get(take_link(bob, "alice@localhost")[0]).body, data)
        take_notice(alice, "stored")
    # the sender gives up
    j, seen = accepted()
    unreached(j, seen)
    uid = j.terminate("connectivity-error", wait=False)
    seen.dismissed("connectivity-error")
    alice.answer(uid, to)
    put = take_notice(alice, "upload").find("transfer")["put"]
    eq(t.put(put, data).status, 201)
    eq(t.get(take_link(bob, "alice@localhost")[0]).body, data)
    # no is no
    for reason in ("cancel", "decline"):
        j, seen = accepted()
        uid = seen.terminate(reason, wait=False)
        j.ended(reason)
        eq(bob.answer(uid)["type"], "result")
    bob.expect_nothing()
    # storage does not want it: both hear that it is over
    full = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "40s", "storage.inbox_quota": "1K"})
    alice, bob = t.xmpp(full, "alice"), t.xmpp(full, "bob", resource="desk")
    j, seen = accepted()
    unreached(j, seen)
    seen.dismissed("failed-transport")
    j.ended("failed-application")
