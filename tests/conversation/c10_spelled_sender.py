"""C10: the sender hashes his own address as he spells it in his stream host: Ferry does the same where that is him after
preparation, at his own host and at our proxy; another's name in the list changes nothing."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice", resource="Desk")
    to, spelled = "bob@localhost", "ALICE@localhost/Desk"
    own = t.streamhost()
    for jid, hashed in ((spelled, spelled), ("carol@localhost/x", alice.jid), ("alice@localhost/desk", alice.jid)):
        offer = alice.offer(to, "a.txt", b"1234", methods=("s5b",))
        offer.accepted()
        uid = alice.s5b_query(to, offer.sid, [(jid, own.host, own.port)])
        wire = own.accept()
        wire.serve(dst_addr(offer.sid, hashed, to))
        alice.s5b_used(uid, to, jid)
        wire.write(b"1234")
        wire.close()
        take_notice(alice, "stored")
    proxy = alice.proxy_address()
    for jid, hashed in ((spelled, spelled), (alice.jid, alice.jid)):
        offer = alice.offer(to, "a.txt", b"1234", methods=("s5b",))
        offer.accepted()
        uid = alice.s5b_query(to, offer.sid, [(jid, "192.0.2.1", 5000), proxy])
        alice.s5b_used(uid, to, proxy[0])
        wire = t.socks(proxy[1], proxy[2], dst_addr(offer.sid, hashed, to))
        eq(alice.activate(offer.sid, to)["type"], "result")
        wire.write(b"1234")
        wire.close()
        take_notice(alice, "stored")
