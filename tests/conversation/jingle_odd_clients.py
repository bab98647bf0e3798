"""What clients get wrong is survived: a date that is none, a name with a path, no name at all, no senders, a stream that is opened
before the session-accept was answered, the end of the session before the last words; and an empty file."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob, data = "bob@localhost", b"some bytes"
    alice.jingle_send(bob, "../../etc/passwd", data, file_extra="<date>Thu Nov 5 12:00:00 2026</date>")
    alice.jingle_send(bob, None, data, senders=None)
    alice.jingle_send(bob, "empty", b"")
    j = alice.jingle(bob, "hasty.txt", data)
    eq(j.answer()["type"], "result")
    accept = j.expect("session-accept", answer=False)
    alice.ibb_send(bob, j.stream, data)
    alice.result(accept)
    j.succeeded()
    j = alice.jingle(bob, "short-spoken.txt", data)
    j.accepted()
    alice.ibb_open(bob, j.stream)
    alice.ibb_blocks(bob, j.stream, data)
    closing = alice.ibb_close(bob, j.stream, wait=False)
    ending = j.terminate("success", wait=False)
    eq([alice.answer(uid)["type"] for uid in (ending, closing)], ["result"] * 2)
    for _ in range(5):
        take_notice(alice, "stored")
    alice.expect_nothing()
    receiver = t.xmpp(ferry, "bob")
    links = dict(take_link(receiver) for _ in range(5))
    eq(sorted(url.rsplit("/", 1)[1] for url in links), ["_.._etc_passwd", "empty", "file", "hasty.txt", "short-spoken.txt"])
