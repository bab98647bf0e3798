"""What a link alone can carry is never offered: one-time files, and files whose sender is not of this server. A user's own word
overrides the site's."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    path = t.write("a.txt", b"some bytes")
    ferry.ctl("send", "--from", "alice@localhost", "--once", path, "bob@localhost")
    ferry.ctl("send", path, "bob@localhost")
    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        take_link(bob)
    bob.expect_nothing()
    ferry.ctl("user", "set", "bob@localhost", "delivery", "link")
    ferry.ctl("send", "--from", "alice@localhost", path, "bob@localhost")
    take_link(bob, "alice@localhost")
    bob.expect_nothing()
    ferry.ctl("user", "set", "bob@localhost", "delivery", "transfer")
    ferry.ctl("send", "--from", "alice@localhost", path, "bob@localhost")
    seen = bob.expect_offer()  # he is there all the time
    seen.accept("ibb")
    eq(seen.receive_ibb(), b"some bytes")
    bob.expect_nothing()
