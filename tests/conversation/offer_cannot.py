"""The receiver's client *cannot* take the offer, by condition or by an old code alone: the sender never hears it, Ferry accepts from
the address asked, and the receiver gets the link."""
from talk import *

BARE = "<iq type='error' id='{id}' to='{to}'><error code='{code}'>words</error></iq>"
CANNOT = [("feature-not-implemented", 501, ""), ("service-unavailable", 503, ""), ("not-acceptable", 406, ""),
          ("bad-request", 400, f"<no-valid-streams xmlns='{NS['si']}'/>"), ("bad-request", None, f"<bad-profile xmlns='{NS['si']}'/>")]


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")

    def offered(refuse, data):
        offer = alice.offer("BOB@localhost/" + bob.resource, "a.txt", data)
        refuse(bob.expect_offer().el)
        offer.accepted("ibb")
        alice.ibb_send(offer.to, offer.sid, data)
        url, _ = take_link(bob, "alice@localhost")
        eq(t.get(url).body, data)

    for i, (condition, code, app) in enumerate(CANNOT):
        offered(lambda el: bob.send_error(el, condition, "cancel", code, app), b"condition %d" % i)
    for code in (501, 503, 406):
        offered(lambda el: bob.send(BARE.format(id=el["id"], to=el["from"], code=code)), b"code %d" % code)
