"""A client that fails at a Jingle session that its capabilities promise (an error to the session-initiate, no answer at all,
or a session-terminate that is no person's) is offered the file by stream initiation, and then by jabber:iq:oob; one without either gets the link."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    for name in ("error", "unsupported", "oob", "none"):
        alice.leave_file("bob@localhost", name, name.encode())

    def refuse(name, condition="service-unavailable"):
        el = bob.take("iq[@type='set']/{jingle}jingle[@action='session-initiate']")
        eq(el.text_of("jingle/content/{jft5}description/file/name"), name)
        bob.send_error(el, condition)

    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb", "si", "file", "ibb"))
    refuse("error")
    seen = bob.expect_offer()
    eq(seen.name, "error")
    seen.accept("ibb")
    eq(seen.receive_ibb(), b"error")
    take_notice(alice, "fetched")

    session = bob.expect_session()
    eq(session.terminate("unsupported-applications")["type"], "result")
    seen = bob.expect_offer()
    seen.accept("ibb")
    eq(seen.receive_ibb(), b"unsupported")
    take_notice(alice, "fetched")

    refuse("oob", "feature-not-implemented")
    bob.expect_offer().decline("service-unavailable")
    asked = bob.take("iq[@type='set']/{iqoob}query")
    eq(t.get(asked.text_of("query/url")).body, b"oob")
    bob.result(asked)
    take_notice(alice, "fetched")
    bob.end()

    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb"))  # no stream initiation: that is left out
    refuse("none", "bad-request")
    bob.send_error(bob.take("iq[@type='set']"), "service-unavailable")
    ok("none" in take_link(bob, "alice@localhost")[0], "the link")
    bob.expect_nothing()
    bob.end()

    alice.send_file("bob@localhost", "mute", b"mute", method="ibb")
    take_notice(alice, "stored")
    ferry.reload(**{"offers.answer_timeout": "8s"})
    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb", "si", "file", "ibb"))
    el = bob.take("iq[@type='set']/{jingle}jingle[@action='session-initiate']")  # and his client falls over it
    ended = bob.take("iq[@type='set']/{jingle}jingle[@action='session-terminate']")
    ok(ended.find("jingle/reason/timeout") is not None, ended)
    seen = bob.expect_offer()
    seen.accept("ibb")
    eq(seen.receive_ibb(), b"mute")
    take_notice(alice, "fetched")
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
