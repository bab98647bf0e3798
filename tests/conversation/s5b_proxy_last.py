"""Our proxy at the end of a long list is found and joined: libpurple lists all its own addresses before it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    own = t.streamhost()
    proxy = alice.proxy_address()
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    hosts = [(alice.jid, f"192.0.2.{i}", own.port) for i in range(1, 20)] + [own, proxy]
    uid = alice.s5b_query("bob@localhost", offer.sid, hosts)
    alice.s5b_used(uid, "bob@localhost", proxy[0])
    wire = t.socks(proxy[1], proxy[2], dst_addr(offer.sid, alice.jid, "bob@localhost"))
    eq(alice.activate(offer.sid, "bob@localhost")["type"], "result")
    wire.write(b"1234")
    wire.close()
    take_notice(alice, "stored")
    eq(own.count, 0, "connections to the sender's host")
