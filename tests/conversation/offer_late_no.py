"""A no that comes when Ferry has taken the offer: the stored file is deleted unless it was fetched, the sender is told, and hears
nothing of the answer itself."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")

    def stored(data):
        ferry.reload(**{"offers.answer_timeout": "2s"})
        offer = alice.offer("bob@localhost", "a.txt", data)
        seen = bob.expect_offer()
        ferry.reload(**{"offers.answer_timeout": None})  # for the sender's next step there is time
        offer.accepted("ibb")
        alice.ibb_send("bob@localhost", offer.sid, data)
        take_notice(alice, "stored")
        return offer, seen, take_link(bob, "alice@localhost")[0]

    offer, seen, url = stored(b"unread")
    seen.decline("forbidden")
    notice = take_notice(alice, "failed")
    eq(notice.find("transfer")["why"], "declined")
    gone = t.get(url, {"Accept": "text/html"})
    eq(gone.status, 410)
    ok("the receiver" in gone.text, "who removed it")

    offer, seen, url = stored(b"read")
    eq(t.get(url).body, b"read")
    seen.decline("forbidden")
    bob.sync()
    alice.expect_nothing()
    eq(t.get(url).body, b"read")
