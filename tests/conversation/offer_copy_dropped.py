"""What copy = on keeps is dropped when the stream ends properly, when the receiver closes it, and when the sender leaves: nothing is
stored, nobody is told, the quota is back. A stream that finds no room for its copy goes through as ever."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "storage.inbox_quota": "1000"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")

    def streaming(sender, data):
        offer = sender.inband_to(bob, data)
        sender.ibb_passed(bob, offer.to, offer.sid, 0, data[:4096])
        return offer

    for i in range(3):  # three times the quota, one after the other; and one beyond it
        offer = streaming(alice, b"x" * (900 if i < 2 else 2000))
        closed = alice.ibb_close(offer.to, offer.sid, wait=False)
        bob.result(bob.take("iq/{ibb}close"))
        eq(alice.answer(closed, offer.to)["type"], "result")

    offer = streaming(alice, b"x" * 900)
    closed = bob.ibb_close(alice.jid, offer.sid, wait=False)
    alice.result(alice.take("iq/{ibb}close"))
    eq(bob.answer(closed)["type"], "result")

    other = t.xmpp(ferry, "alice", resource="other")
    streaming(other, b"y" * 900)
    other.abort()
    ferry.log_expect("c3 .*dead")
    bob.end()
    t.pump(lambda: not ferry.ctl("ls", "--all").rows, "the places of all of them to be free")
    alice.offer("bob@localhost", "b.bin", b"z" * 1000, methods=("ibb",)).accepted("ibb")
    alice.expect_nothing()
    eq(ferry.ctl("ls", "--all").rows, [])
