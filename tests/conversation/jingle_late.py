"""What a receiver says about a session that Ferry has taken because he was silent. A yes: when the file is stored Ferry sends it to
him in that session, in the sender's name; he may have said so before or after, of a stream in band or of one whose hosts are gone,
which is replaced. A no: a stream under way is stopped, a stored file that nobody fetched is deleted, and the sender is told. The
sender hears nothing else of it, and the link stays where the file does."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    to, data = "bob@localhost", os.urandom(50_000)

    def taken(name, method="ibb", answers=True, **options):
        ferry.reload(**{"offers.answer_timeout": "2s"})
        j = alice.jingle(to, name, data, method=method, **options)
        seen = bob.expect_jingle()
        ferry.reload(**{"offers.answer_timeout": None})  # for the sender's next step there is time
        if answers:
            bob.result(seen.el)
        eq(j.answer()["type"], "result")
        seen.dismissed("timeout")
        j.expect("session-accept")
        return j, seen

    def receive(j, seen, stream=None):
        eq(bob.ibb_receive(alice.jid, stream or seen.stream, size=len(data)), data)
        seen.say("session-info", f"<received xmlns='{seen.app}' creator='initiator' name='{seen.content}'/>")
        seen.dismissed("success")
        take_notice(alice, "fetched")

    # yes, when it is stored; his client has not even answered the offer
    for answers in (True, False):
        j, seen = taken("yes.bin", answers=answers)
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        take_notice(alice, "stored")
        url, _ = take_link(bob, "alice@localhost")
        if not answers:
            bob.result(seen.el)
        eq(bob.answer(seen.accept(), alice.jid)["type"], "result")
        receive(j, seen)
        eq(t.get(url).body, data)

    # yes, while the bytes are coming
    j, seen = taken("soon.bin")
    alice.ibb_open(to, j.stream)
    alice.ibb_blocks(to, j.stream, data[:20480])
    eq(bob.answer(seen.accept(), alice.jid)["type"], "result")
    alice.ibb_blocks(to, j.stream, data[20480:], seq=5)
    alice.ibb_close(to, j.stream)
    j.succeeded()
    receive(j, seen)
    take_link(bob, "alice@localhost")

    # yes, to stream hosts that are not there any more
    j, seen = taken("hosts.bin", method="s5b", candidates=candidate(alice.jid, "127.0.0.1", 4000))
    unreached = j.expect("transport-info")
    ok(unreached.find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None, unreached)
    j.replace("ibb", "inband")
    alice.ibb_send(to, "inband", data)
    j.succeeded()
    take_link(bob, "alice@localhost")
    eq(bob.answer(seen.accept(), alice.jid)["type"], "result")
    el = bob.take("iq[@type='set']/{jingle}jingle[@action='transport-replace']", from_=alice.jid)
    bob.result(el)
    other = el.find("{jingle}jingle/content/{jibb}transport")["sid"]
    seen.say("transport-accept", seen.wrap(transport_xml("ibb", other)))
    receive(j, seen, other)

    # no, when it is stored
    for reason in ("decline", "cancel", "busy"):
        j, seen = taken("no.bin")
        alice.ibb_send(to, j.stream, data)
        j.succeeded()
        url, _ = take_link(bob, "alice@localhost")
        eq(seen.terminate(reason)["type"], "result")
        eq(take_notice(alice, "failed").find("transfer")["why"], "declined")
        eq(t.get(url).status, 410)
    # no, while the bytes are coming
    j, seen = taken("stop.bin")
    alice.ibb_open(to, j.stream)
    alice.ibb_blocks(to, j.stream, data[:20480])
    eq(seen.terminate("decline")["type"], "result")
    alice.result(alice.take("iq[@type='set']/{ibb}close"))
    j.ended("decline")
    eq(take_notice(alice, "failed").find("transfer")["why"], "declined")
    # no, by an error to the offer itself; and one that is no no
    j, seen = taken("error.bin", answers=False)
    bob.send_error(seen.el, "forbidden")
    j.ended("decline")
    j, seen = taken("cannot.bin", answers=False)
    bob.send_error(seen.el, "service-unavailable")
    alice.ibb_send(to, j.stream, data)
    j.succeeded()
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
    bob.expect_nothing()
