"""Who switches the taking of files off while one is on its way to him, and then leaves, is kept none of it: the sender's stream ends, in
band and through our proxy."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on"})
    alice = t.xmpp(ferry, "alice")
    data = b"0123456789" * 1000
    for inband in (True, False):
        ferry.ctl("user", "set", "bob@localhost", "takeover", "on")
        bob = t.xmpp(ferry, "bob", resource="desk")
        if inband:
            offer = alice.inband_to(bob, data)
            uid = alice.ibb_data(bob.jid, offer.sid, 0, data[:4000])
            bob.take("iq/{ibb}data")
        else:
            target, wire, offer = alice.relay_to(bob, data)
            wire.write(data[:4000], quiet=True)
            target.need(4000)
        ferry.ctl("user", "set", "bob@localhost", "takeover", "off")
        bob.abort()
        if inband:
            expect_error(alice.answer(uid, bob.jid), "item-not-found")
        else:
            target.abort()
            wire.expect_eof()
        t.pump(lambda: not ferry.ctl("ls").rows, "the copy to go")
    alice.expect_nothing()
