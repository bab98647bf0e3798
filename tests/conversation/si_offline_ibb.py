"""Nobody is there: Ferry accepts the offer, takes the bytes in band, and the receiver finds a link to equal bytes."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(100_000)
    offer = alice.offer("bob@localhost", "holiday photo.jpg", data, methods=("ibb",), hash=True)
    offer.accepted("ibb")
    ok(offer.reply.find("si").get("id") is None and offer.reply.find("si").get("profile") is None, "no id, no profile (C2)")
    alice.ibb_send("bob@localhost", offer.sid, data)
    notice = take_notice(alice, "stored")
    eq(notice["from"], "upload.localhost")
    bob = t.xmpp(ferry, "bob")
    url, message = take_link(bob, "alice@localhost")
    eq(message["from"], "alice@localhost")
    r = t.get(url)
    eq(r.status, 200)
    eq(sha256(r.body), sha256(data))
