"""The receiver leaves before he has answered: Ferry accepts for him, from the address asked, once. Where nothing is taken over the
sender hears that he is gone."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    offer = alice.offer("Bob@localhost/", "a.txt", b"1234")
    bob.expect_offer()
    bob.end()
    offer.accepted("ibb")
    alice.expect_nothing()
    alice.ibb_send("Bob@localhost/", offer.sid, b"1234")
    url, _ = take_link(t.xmpp(ferry, "bob"), "alice@localhost")
    eq(t.get(url).body, b"1234")

    ferry.write_conf(**{"offers.takeover": "off"})
    ferry.reload()
    carol = t.xmpp(ferry, "bob", resource="late")
    offer = alice.offer(carol.jid, "a.txt", b"1234")
    carol.expect_offer()
    carol.end()
    offer.refused("service-unavailable")
