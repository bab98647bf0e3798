"""What an operator sets for a user who is away takes effect on his filebox at once: off, and no contact sees it any more; on, and they
do. It goes with the account."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.filebox": "on"})
    box = "bob@localhost/ferry"
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    alice.take("presence[@type='unavailable']", from_=bob.jid)
    alice.take("presence[not(@type)]", from_=box)
    for value, kind in (("off", "unavailable"), ("default", None), ("off", "unavailable"), ("on", None)):
        ferry.ctl("user", "set", "bob@localhost", "takeover", value)
        alice.take("presence", from_=box, type=kind)
    ferry.ctl("user", "set", "bob@localhost", "mute", "on")
    alice.expect_nothing(skip=())
    ferry.ctl("user", "rm", "bob@localhost")
    alice.take("presence[@type='unavailable']", from_=box)
