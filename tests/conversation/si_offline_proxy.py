"""The sender asked our proxy for its address: Ferry chooses bytestreams and is joined in memory; no stream host is dialled."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    own = t.streamhost()
    proxy = alice.proxy_address(sid="x")
    data = os.urandom(200_000)
    offer = alice.offer("bob@localhost", "a.bin", data, methods=("ibb", "s5b"))
    offer.accepted("s5b")
    uid = alice.s5b_query("bob@localhost", offer.sid, [own, proxy])
    alice.s5b_used(uid, "bob@localhost", proxy[0])
    wire = t.socks(proxy[1], proxy[2], dst_addr(offer.sid, alice.jid, "bob@localhost"))
    eq(alice.activate(offer.sid, "bob@localhost")["type"], "result")
    wire.write(data, quiet=True)
    wire.expect_eof()
    take_notice(alice, "stored")
    eq(own.count, 0, "connections to the sender's own stream host")
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(sha256(t.get(url).body), sha256(data))
