"""Row 17: a client that is silent is pinged after [limits] idle_ping and gone when silent as long again; who answers stays."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.idle_ping": "3s"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.auto_pong = False
    bob.expect("iq[@type='get'][@from='localhost']/{ping}ping")
    bob.expect_stream_error("connection-timeout")
    bob.expect_close(tag=True)
    alice.take("presence[@type='unavailable']", from_=bob.jid)
    alice.sync()
