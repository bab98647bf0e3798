"""Row 69: base64 with junk, inner padding, white space, missing padding, or more bytes than a block: bad-request, close, discard."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for raw in ("QUJD!EFG", "QUI=QUI=", "QU JD", "QUJD\n", " QUJD", "QUI", "QUJDRA", "QQ==QUJD", "====", "QUJ=", "Q" * 5464, "QUJD<x/>"):
        offer = alice.offer("bob@localhost", "a.txt", size=100, methods=("ibb",))
        offer.accepted()
        alice.ibb_open("bob@localhost", offer.sid, 1024)
        expect_error(alice.answer(alice.ibb_data("bob@localhost", offer.sid, 0, b"", raw=raw)), "bad-request")
        alice.result(alice.take("iq[@type='set']/{ibb}close"))
        take_notice(alice, "failed")
    bob = t.xmpp(ferry, "bob")
    bob.expect_nothing()
