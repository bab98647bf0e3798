"""libpurple answers no close of an in-band stream. When it has answered what comes behind, Ferry answers for it: the sender has his one
answer, the copy is dropped, and when libpurple goes later nothing is kept for it."""
import os

from talk import *


def run(t):
    t.own_network()
    for copy in ("off", "on"):
        ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": copy})
        alice = t.xmpp(ferry, "alice")
        bob = t.purple(ferry, "bob")
        for to in (bob.jid, "Bob@localhost"):
            data = os.urandom(50_000)
            offer = alice.offer(to, f"{len(to)}.bin", data, methods=("ibb",))
            offer.accepted("ibb")
            alice.ibb_send(to, offer.sid, data)
            eq(bob.received(f"{len(to)}.bin"), data)
        bob.quit()
        bob = t.xmpp(ferry, "bob")
        alice.expect_nothing()
        t.pump(lambda: ferry.ctl("ls").out == "", "nothing to be kept")
        bob.expect_nothing()
        ferry.stop()
