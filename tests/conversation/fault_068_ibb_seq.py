"""Row 68, C19: a repeated or skipped sequence number ends the stream with unexpected-request and a close; nothing is kept."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for wrong in (0, 2, 65535):
        for stanza in ("iq", "message"):
            offer = alice.offer("bob@localhost", "a.txt", size=12, methods=("ibb",))
            offer.accepted()
            alice.ibb_open("bob@localhost", offer.sid, stanza=stanza)
            alice.ibb_blocks("bob@localhost", offer.sid, b"0123", stanza=stanza)
            uid = alice.ibb_data("bob@localhost", offer.sid, wrong, b"4567", stanza)
            expect_error(alice.take(f"{stanza}[@type='error']", id=uid), "unexpected-request")
            alice.result(alice.take("iq[@type='set']/{ibb}close"))
            take_notice(alice, "failed")
            expect_error(alice.answer(alice.ibb_data("bob@localhost", offer.sid, 1, b"4567")), "item-not-found")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
