"""Notices speak the language of the stream, else the configured one; what was refused says why, in words and in the transfer element."""
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
    english = t.xmpp(ferry)
    english.open_stream()
    english.starttls()
    english.open_stream(extra=" xml:lang='en'")
    english.sasl("PLAIN", "alice", "secret-alice")
    english.open_stream(extra=" xml:lang='en'")
    english.bind("english")
    english.presence(priority=5)
    alice.end()
    english.send_file("bob@localhost", "c.txt", b"1234")
    ok("is stored" in take_notice(english, "stored").body, "English words")
