"""An offer that Ferry accepted and that never begins ends after answer_timeout; its sender is told, and the sid is free again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "1s"})
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("ibb",))
    offer.accepted()
    take_notice(alice, "failed")
    expect_error(alice.ibb_open("bob@localhost", offer.sid), "not-acceptable")
    alice.offer("bob@localhost", "a.txt", b"1234", methods=("ibb",), sid=offer.sid).accepted()
