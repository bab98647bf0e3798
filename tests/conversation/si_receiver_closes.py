"""The receiver of a routed stream closes it himself: the sender hears it from the address he asked, and his answer finds the
receiver."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob", resource="home")
    offer = alice.inband_to(bob, b"1234", to="bob@localhost/")
    closed = bob.ibb_close(alice.jid, offer.sid, wait=False)
    el = alice.take("iq[@type='set']/{ibb}close")
    eq(el["from"], "bob@localhost/")
    alice.result(el)
    eq(bob.answer(closed)["type"], "result")
