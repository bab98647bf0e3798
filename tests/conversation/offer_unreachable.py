"""The receiver reaches none of the stream hosts: the sender does not hear it where Ferry can: our proxy in the list is joined in
memory, else his own host is dialled, with one hash. The receiver gets the link, and nothing else."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    proxy = alice.proxy_address()
    to = "Bob@localhost/" + bob.resource
    for by in ("proxy", "host"):
        data = os.urandom(100_000)
        offer = alice.offer(to, "a.bin", data, methods=("s5b",))
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        own = t.streamhost()
        uid = alice.s5b_query(to, offer.sid, [own, proxy] if by == "proxy" else [own])
        bob.send_error(bob.take("iq/{s5b}query"), "item-not-found", code=404)
        if by == "proxy":
            alice.s5b_used(uid, to, proxy[0])
            wire = t.socks(proxy[1], proxy[2], dst_addr(offer.sid, alice.jid, to))
            eq(alice.activate(offer.sid, to)["type"], "result")
            eq(own.count, 0, "a stream host dialled beside the proxy")
        else:
            wire = own.accept()
            wire.serve(dst_addr(offer.sid, alice.jid, to))
            alice.s5b_used(uid, to, alice.jid)
            eq(own.count, 1, "connections")
        wire.write(data, quiet=True)
        wire.close()
        take_notice(alice, "stored")
        url, _ = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data))
        ok(not bob.have("iq"), "stanzas of the stream reached the receiver")
