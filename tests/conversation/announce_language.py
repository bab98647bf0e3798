"""Notices speak the configured language; what was refused says why, in words and in the transfer element."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"http.default_language": "zh-Hans"})
    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "a.txt", b"1234")
    ok("\u5b58\u50a8" in take_notice(alice, "stored").body, "Chinese words")
    offer = alice.offer("bob@localhost", "b.txt", size=10, methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    expect_error(alice.ibb_close("bob@localhost", offer.sid), "bad-request")
    m = take_notice(alice, "failed")
    eq(m.find("{ferry}transfer")["why"], "size-mismatch")
    ok("\u672a\u80fd" in m.body, m.body)
