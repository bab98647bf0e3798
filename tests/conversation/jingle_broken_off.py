"""A Jingle session that ends before its file is whole stores nothing. The sender who cancels is told nothing more; one who closes
his stream too early, says more bytes than he announced, breaks in-band rules or does not know the session hears why; and all of
them but the first get the notice."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "4s"})
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost", b"0123456789"

    def begin(name="a.txt"):
        j = alice.jingle(bob, name, data)
        j.accepted()
        alice.ibb_open(bob, j.stream)
        return j
    j = begin("cancelled.txt")
    alice.ibb_blocks(bob, j.stream, data[:5])
    j.terminate("cancel")
    j = begin()
    alice.ibb_blocks(bob, j.stream, data[:5])
    expect_error(alice.ibb_close(bob, j.stream), "bad-request")
    j.ended("media-error")
    ok("a.txt" in take_notice(alice, "failed").body, "a notice about what was cancelled")
    j = begin()
    expect_error(alice.answer(alice.ibb_data(bob, j.stream, 0, data + b"x"), bob), "bad-request")
    alice.result(alice.take("iq[@type='set']/{ibb}close"))
    j.ended("media-error")
    take_notice(alice, "failed")
    j = begin()
    expect_error(alice.answer(alice.ibb_data(bob, j.stream, 7, data), bob), "unexpected-request")
    alice.result(alice.take("iq[@type='set']/{ibb}close"))
    j.ended("failed-transport")
    take_notice(alice, "failed")
    j = begin()
    alice.ibb_blocks(bob, j.stream, data[:5])
    alice.result(alice.take("iq[@type='set']/{ibb}close"))
    j.ended("failed-transport")
    take_notice(alice, "failed")
    j = alice.jingle(bob, "a.txt", data)
    eq(j.answer()["type"], "result")
    alice.send_error(j.expect("session-accept", answer=False), "item-not-found")
    take_notice(alice, "failed")
    expect_error(alice.ibb_open(bob, j.stream), "not-acceptable")
    j = begin()
    alice.ibb_blocks(bob, j.stream, data[:5])
    mark = ferry.log_mark()
    alice.abort()
    ferry.log_expect("offer ended .*why=broken-off", since=mark)
    again = t.xmpp(ferry, "alice")
    take_notice(again, "failed")
    receiver = t.xmpp(ferry, "bob")
    receiver.expect_nothing()
