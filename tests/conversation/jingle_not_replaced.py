"""No stream host was reached, and the sender does not replace the transport: Ferry does, in band. One who rejects that, says nothing
to it, or offered no transport that Ferry knows, is sent a link to upload the file by; what he puts there reaches the receiver."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost", b"some bytes"

    def proposed(name):
        ferry.reload(**{"offers.answer_timeout": "40s"})  # a twentieth of it for the sender's own transport-replace
        j = alice.jingle(bob, name, data, method="s5b")
        j.accepted()
        ok(j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-error") is not None)
        j.transport_info("<candidate-error/>")
        if name != "ignored.txt":
            ferry.reload(**{"offers.answer_timeout": None})  # for his answer there is time
        transport = j.expect("transport-replace").find("{jingle}jingle/content/{jibb}transport")
        eq(transport["block-size"], "4096")
        return j, transport["sid"]

    def invited(name):
        m = take_notice(alice, "upload")
        ok(name in m.body, m.body)
        eq(t.put(m.find("transfer")["put"], data).status, 201)
        take_notice(alice, "stored")
    j, stream = proposed("accepted.txt")
    expect_error(j.say("transport-accept", j.wrap(transport_xml("ibb", "other"))), "bad-request")
    eq(j.say("transport-accept", j.wrap(transport_xml("ibb", stream, block=2048)))["type"], "result")
    alice.ibb_send(bob, stream, data, block=2048)
    j.succeeded()
    take_notice(alice, "stored")
    j, stream = proposed("rejected.txt")
    eq(j.say("transport-reject", j.wrap(transport_xml("ibb", stream)))["type"], "result")
    j.ended("failed-transport")
    invited("rejected.txt")
    j, stream = proposed("ignored.txt")
    j.ended("timeout")
    invited("ignored.txt")
    alice.jingle(bob, "ice.txt", data, method="urn:xmpp:jingle:transports:ice-udp:1").turned_down("unsupported-transports")
    invited("ice.txt")
    alice.expect_nothing()
    receiver = t.xmpp(ferry, "bob")
    eq(sorted(take_link(receiver)[0].rsplit("/", 1)[1] for _ in range(4)), ["accepted.txt", "ice.txt", "ignored.txt", "rejected.txt"])
