"""Before Ferry takes anything over it is asked whether the sender may leave a file: a block list, accept_from, a full inbox and the
receiver's own `takeover off` speak where nobody is there, where the client cannot, and where the receiver leaves."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.inbox_quota": "1000"})
    alice = t.xmpp(ferry, "alice")

    def cannot(size=4):
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer(bob.jid, "a.txt", b"x" * size)
        bob.send_error(bob.expect_offer().el, "feature-not-implemented", code=501)
        return bob, offer

    def leaves():
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer(bob.jid, "a.txt", b"1234", methods=("ibb",))
        bob.expect_offer().accept("ibb")
        offer.accepted("ibb")
        bob.end()
        opened = alice.ibb_open(bob.jid, offer.sid)
        if opened["type"] == "result":
            alice.ibb_blocks(bob.jid, offer.sid, b"1234")
            alice.ibb_close(bob.jid, offer.sid)
        return opened

    bob, offer = cannot(2000)
    offer.refused("resource-constraint", type="wait")
    bob.end()

    ferry.ctl("user", "set", "bob@localhost", "accept_from", "contacts")
    bob, offer = cannot()
    offer.refused("forbidden")
    bob.end()
    eq(leaves().error, "not-acceptable")
    eq(take_notice(alice, "failed").find("transfer")["why"], "offer-not-taken")
    ferry.ctl("user", "set", "bob@localhost", "accept_from", "any")
    eq(leaves()["type"], "result")

    ferry.ctl("user", "set", "bob@localhost", "takeover", "off")
    bob, offer = cannot()
    offer.refused("feature-not-implemented", code=501)  # his own words
    bob.end()
    eq(leaves().error, "not-acceptable")
    alice.offer("bob@localhost", "a.txt", b"1234").refused("service-unavailable")
    ferry.ctl("user", "set", "bob@localhost", "takeover", "on")

    bob = t.xmpp(ferry, "bob", resource="desk")
    eq(bob.iq_set("<block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block>")["type"], "result")
    alice.offer(bob.jid, "a.txt", b"1234").refused("service-unavailable")
    bob.end()
    alice.offer(bob.jid, "a.txt", b"1234").refused("service-unavailable")
