"""Row 21: malformed addresses are refused with jid-malformed; spellings of one account reach one account."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="talk")
    for to in ("bob@@localhost", "@localhost", "bo b@localhost", "x" * 1024 + "@localhost", "bob@localhost/" + "r" * 1024,
               "bob@localhost/\u0378\u200e\u202e" + "\ufffd" * 400, "bob@local host", "bob@" + "a" * 64):
        uid = alice.send_iq("get", "<q xmlns='urn:x'/>", to)
        expect_error(alice.answer(uid), "jid-malformed", type="modify")
        alice.message(to, "x")
        expect_error(alice.expect("message[@type='error']"), "jid-malformed")
    for to in ("BOB@localhost", "bob@LOCALHOST", "Bob@Localhost/talk", "\uff42ob@localhost"):
        alice.message(to, "hello")
        bob.expect("message", to=to, body="hello")
    bob.expect_nothing()
