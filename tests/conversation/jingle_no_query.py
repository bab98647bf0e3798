"""A list of stream hosts as stream initiation has it is no word of a Jingle session: one that is Ferry's refuses it, one that is the
receiver's goes on as if it had not been said, whatever he answers, and is Ferry's all the same when he leaves."""
import os

from talk import *

CAPS = "<presence><c xmlns='http://jabber.org/protocol/caps' node='http://pidgin.im/' hash='sha-1' ver='x'/></presence>"


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(10_000)
    px = alice.proxy_address()

    def stored():
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob", resource="other")
        eq(t.get(take_link(bob)[0]).body, data)
        bob.end()
    to = "bob@localhost/away"
    j = alice.jingle(to, "a.bin", data, method="s5b", candidates=candidate("x.example", "127.0.0.1", 1))
    j.accepted()
    j.expect("transport-info")
    for _ in range(3):
        expect_error(alice.s5b_query(to, j.stream, [px, (alice.jid, "127.0.0.1", 4000)] * 3, wait=True), "not-acceptable")
    j.replace("ibb", "in-band")
    alice.ibb_send(to, j.stream, data)
    j.succeeded()
    stored()

    alice.send(CAPS)
    for method in ("ibb", "s5b"):
        bob = t.xmpp(ferry, "bob", resource="desk")
        bob.send(CAPS)
        j = alice.jingle(bob.jid, "a.bin", data, method=method, candidates=candidate(alice.jid, "127.0.0.1", 4000))
        bob.expect_jingle().accepted(j)
        uid = alice.s5b_query(bob.jid, j.stream, [(alice.jid, "127.0.0.1", 4000)])
        bob.send_error(bob.take("iq/{s5b}query"), "item-not-found", code=404)
        expect_error(alice.answer(uid, bob.jid), "item-not-found")
        mark = ferry.log_mark()
        bob.end()
        ferry.log_expect("offer taken over .*why=left", since=mark)
        if method == "s5b":
            j.expect("transport-info")
        j.replace("ibb", "in-band")
        alice.ibb_send(j.to, j.stream, data)
        j.succeeded()
        stored()
