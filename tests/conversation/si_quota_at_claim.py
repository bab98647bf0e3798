"""Offers only look at the quota; the claim takes it: of two accepted offers that do not fit together the second open is refused,
and its sender is told, once."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.inbox_quota": "100K"})
    alice = t.xmpp(ferry, "alice")
    one = alice.offer("bob@localhost", "one.bin", b"1" * 60000, methods=("ibb",))
    two = alice.offer("bob@localhost", "two.bin", b"2" * 60000, methods=("ibb",))
    three = alice.offer("bob@localhost", "three.bin", b"3" * 60000, methods=("s5b",))
    for offer in (one, two, three):
        offer.accepted()
    eq(alice.ibb_open("bob@localhost", one.sid)["type"], "result")
    expect_error(alice.ibb_open("bob@localhost", two.sid), "resource-constraint", type="wait")
    take_notice(alice, "failed")
    own = t.streamhost()
    uid = alice.s5b_query("bob@localhost", three.sid, [own])
    own.accept().serve()
    expect_error(alice.answer(uid), "resource-constraint", type="wait")
    take_notice(alice, "failed")
    alice.ibb_blocks("bob@localhost", one.sid, b"1" * 60000)
    eq(alice.ibb_close("bob@localhost", one.sid)["type"], "result")
    take_notice(alice, "stored")
    alice.expect_nothing()
