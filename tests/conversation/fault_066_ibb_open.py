"""Row 66, C20: block-size 0, missing, no number, above 65535: bad-request; above ours: resource-constraint; no offer: not-acceptable.
A refused open can be made again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stanza": "16K"})
    alice = t.xmpp(ferry, "alice")
    expect_error(alice.ibb_open("bob@localhost", "never"), "not-acceptable")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("ibb",))
    offer.accepted()
    for block in ("0", None, "65536", "-1", "4k", ""):
        expect_error(alice.ibb_open("bob@localhost", offer.sid, block), "bad-request")
    expect_error(alice.ibb_open("bob@localhost", offer.sid, 4096, "presence"), "bad-request")
    expect_error(alice.ibb_open("bob@localhost", offer.sid, 65535), "resource-constraint", type="modify")
    eq(alice.ibb_open("bob@localhost", offer.sid, 4096)["type"], "result")
    expect_error(alice.ibb_open("bob@localhost", offer.sid, 4096), "unexpected-request")
    eq(alice.ibb_blocks("bob@localhost", offer.sid, b"1234"), 1)
    eq(alice.ibb_close("bob@localhost", offer.sid)["type"], "result")
