"""A sender who can deliver no bytes over XMPP at all is refused with no-valid-streams and sent an upload link, if the receiver may be
left a file by him; it is asked for in the language of his stream."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice = t.xmpp(ferry, "alice")
    for method in ("oob", "urn:x:carrier-pigeon"):
        alice.offer("bob@localhost", "a.txt", b"1234", methods=(method,)).refused("bad-request", app="{si}no-valid-streams")
        put = take_notice(alice, "upload").find("transfer")["put"]
        eq(t.put(put, b"1234").status, 201)
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob")
        eq(t.get(take_link(bob, "alice@localhost")[0]).body, b"1234")
        bob.end()

    carol = t.xmpp(ferry, "carol")
    eq(carol.iq_set("<block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block>")["type"], "result")
    carol.end()
    mark = ferry.log_mark()
    for to in ("carol@localhost", "nobody@localhost"):
        alice.offer(to, "a.txt", b"1234", methods=("oob",)).refused("bad-request")
    ferry.log_expect("invite (blocked|unavailable|unknown-user)", since=mark)
    alice.expect_nothing()
