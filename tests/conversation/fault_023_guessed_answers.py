"""Row 23: Ferry's own iqs have ids that cannot be guessed; an answer from anybody else does not count."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.idle_ping": "3s"})
    bob = t.xmpp(ferry, "bob")
    bob.auto_pong = False
    ping = bob.expect("iq/{ping}ping")
    ok(len(ping["id"]) >= 20, "a short id")
    alice = t.xmpp(ferry, "alice")
    alice.send(f"<iq type='result' id='{ping['id']}' to='localhost'/>")
    alice.expect_nothing()
    bob.expect_stream_error("connection-timeout")
