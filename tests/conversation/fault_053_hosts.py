"""Row 53: a query without hosts or sid is a bad request; of a thousand hosts the first eight are looked at."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    expect_error(alice.s5b_query("bob@localhost", offer.sid, [], wait=True), "bad-request")
    expect_error(alice.s5b_query("bob@localhost", None, [(alice.jid, "127.0.0.1", 5000)], wait=True), "bad-request")
    expect_error(alice.s5b_query("bob@localhost", "another", [(alice.jid, "127.0.0.1", 5000)], wait=True), "not-acceptable")
    own = t.streamhost()
    bad = (alice.jid, "192.0.2.1", 5000)
    expect_error(alice.s5b_query("bob@localhost", offer.sid, [bad] * 8 + [own] * 992, wait=True), "item-not-found")
    eq(own.count, 0, "connections to the ninth host")
    uid = alice.s5b_query("bob@localhost", offer.sid, [bad] * 7 + [own])
    own.accept().serve()
    alice.s5b_used(uid, "bob@localhost", alice.jid)
