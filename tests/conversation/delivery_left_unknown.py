"""One who leaves while it is being found out what his client can is offered the file as soon as he is back; so is one whose client never
tells, by stream initiation."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "offers.answer_timeout": "1h"})
    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "a.txt", b"1234")
    take_notice(alice, "stored")

    def come():
        bob = t.xmpp(ferry, "bob", presence=False)
        bob.presence(extra=f"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='http://x.test/' ver='{'A' * 27}='/>")
        return bob, bob.take("iq[@type='get']/{disco}query", from_="upload.localhost")

    bob, asked = come()
    bob.expect_nothing()  # nothing is offered before
    bob.abort()
    bob, asked = come()
    bob.send_error(asked, "service-unavailable")
    seen = bob.expect_offer()
    seen.accept("ibb")
    eq(seen.receive_ibb(), b"1234")
