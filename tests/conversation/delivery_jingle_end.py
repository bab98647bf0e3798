"""What ends a Jingle delivery whose bytes are all sent: success without <received/>, or nothing for a while, completes it; a checksum
that he finds wrong does not, and he gets the link. A part of the file, asked for in the session-accept, is what he gets. One who
leaves in the middle is offered it again; one who
leaves with all of it has it. What is out of order is refused, and changes nothing."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "offers.answer_timeout": "20s"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    data = os.urandom(150_000)

    def send(name):
        alice.leave_file("bob@localhost", name, data)

    def come(*features):
        bob = t.xmpp(ferry, "bob", presence=False)
        bob.able("jft5", *features)
        return bob

    send("success")
    bob = come("js5b", "jibb")
    seen = bob.expect_session()
    expect_error(seen.say("transport-accept", seen.wrap("<transport xmlns='urn:xmpp:jingle:transports:ibb:1' sid='x' block-size='9'/>")),
                 "unexpected-request", app="{jingle_errors}out-of-order")
    eq(seen.say("session-info")["type"], "result")  # does it live?
    expect_error(seen.say("session-info", "<active xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>"), "feature-not-implemented",
                 app="{jingle_errors}unsupported-info")
    expect_error(seen.say("session-accept", seen.wrap(f"<transport xmlns='{NS['jibb']}' sid='x' block-size='9'/>")), "bad-request")
    seen.accept()
    expect_error(seen.say("session-accept", seen.wrap(f"<transport xmlns='{NS['js5b']}' sid='{seen.stream}'/>")), "unexpected-request",
                 app="{jingle_errors}out-of-order")
    expect_error(seen.say("transport-info", seen.wrap(f"<transport xmlns='{NS['js5b']}' sid='{seen.stream}'><candidate-used cid='no'/></transport>")),
                 "item-not-found")
    wire = seen.connect()
    wire.quiet = True
    eq(sha256(wire.need(len(data))), sha256(data))
    eq(seen.terminate("success")["type"], "result")
    wire.close()
    take_notice(alice, "fetched")

    send("silent")
    seen = bob.expect_session()
    seen.accept()
    wire = seen.connect()
    wire.quiet = True
    wire.need(len(data))
    wire.close()
    seen.ended("success")
    take_notice(alice, "fetched")
    bob.end()

    send("wrong")
    bob = come("jibb")
    seen = bob.expect_session()
    seen.accept()
    seen.bytes_in_band()
    eq(seen.terminate("media-error")["type"], "result")
    ok("wrong" in take_link(bob, "alice@localhost")[0], "the link")

    send("part")
    seen = bob.expect_session()
    seen.accept(range="<range offset='149000'/>")
    eq(seen.bytes_in_band(1000), data[149000:])
    seen.received()
    seen.ended("success")
    take_notice(alice, "fetched")

    send("middle")
    seen = bob.expect_session()
    seen.accept(range="<range offset='1000' length='70000'/>")
    eq(seen.bytes_in_band(70000), data[1000:71000])
    seen.received()
    seen.ended("success")
    take_notice(alice, "fetched")

    send("beyond")
    seen = bob.expect_session()
    seen.accept(range="<range offset='150001'/>")
    seen.ended("failed-application")
    ok("beyond" in take_link(bob, "alice@localhost")[0], "the link")

    send("early")
    seen = bob.expect_session()
    seen.accept()
    bob.result(bob.take("iq[@type='set']/{ibb}open", from_=seen.sender))
    bob.take("iq/{ibb}data", from_=seen.sender)
    seen.received()  # which cannot be: nothing comes of it
    eq(seen.terminate("success")["type"], "result")
    ok("early" in take_link(bob, "alice@localhost")[0], "the link")
    alice.expect_nothing()

    send("left")
    bob.expect_session().accept()
    bob.result(bob.take("iq[@type='set']/{ibb}open"))
    bob.take("iq/{ibb}data")
    bob.abort()
    bob = come("jibb")
    eq(sha256(bob.expect_session().receive()), sha256(data))
    take_notice(alice, "fetched")

    send("all")  # who has all of it, and says no word of it, has it
    seen = bob.expect_session()
    seen.accept()
    eq(seen.bytes_in_band(), data)
    bob.abort()
    take_notice(alice, "fetched")
    send("without")  # the connection goes on without him
    bob = come("js5b", "jibb")
    seen = bob.expect_session()
    eq(seen.name, "without")
    seen.accept()
    wire = seen.connect()
    wire.quiet = wire.paused = True
    bob.abort()
    ferry.log_expect("c[0-9]+ state .* -> dead")
    wire.paused = False
    eq(sha256(wire.need(len(data))), sha256(data))
    wire.close()
    take_notice(alice, "fetched")
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
