"""Decline, busy and cancel end a Jingle delivery before and behind its session-accept, and a close of its in-band stream does: no is
no, he gets the link's message, and is not offered the file again. One who lets the session lie hears timeout, and gets the link."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(100_000)
    names = ["decline", "busy", "accepted", "cancel", "flowing", "close", "silence"]
    for name in names:
        alice.leave_file("bob@localhost", name, data)
    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb", "js5b"))
    for name in names:
        seen = bob.expect_session()
        eq(seen.name, name)
        if name in ("decline", "busy"):
            eq(seen.terminate(name)["type"], "result")
        elif name in ("accepted", "cancel"):
            seen.accept()
            seen.informed("candidate-error")
            eq(seen.terminate("cancel")["type"], "result")
        elif name in ("flowing", "close"):
            seen.accept()
            seen.informed("candidate-error")
            seen.info("<candidate-error/>")
            seen.replaced()
            bob.result(bob.take("iq[@type='set']/{ibb}open", from_=seen.sender))
            bob.take("iq/{ibb}data", from_=seen.sender)
            if name == "close":
                ferry.reload(**{"offers.answer_timeout": "4s"})  # for the one that follows
                eq(bob.ibb_close(seen.sender, seen.stream)["type"], "result")
                seen.ended("decline")
            else:
                eq(seen.terminate("decline")["type"], "result")
        else:
            seen.ended("timeout")
        if name != "silence":
            expect_error(seen.say("session-info"), "item-not-found", app="{jingle_errors}unknown-session")
        ok(name in take_link(bob, "alice@localhost")[0], "the link")
    bob.abort()
    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb", "js5b"))
    bob.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    alice.expect_nothing()
