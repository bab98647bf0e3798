"""Two online users through our proxy, offered to a bare address: the query is passed on as written, the relay carries the bytes."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    to, data = "Bob@localhost/", os.urandom(300_000)
    proxy = alice.proxy_address()
    offer = alice.offer(to, "a.bin", data, methods=("s5b",))
    seen = bob.expect_offer()
    seen.accept("s5b")
    offer.accepted("s5b")
    uid = alice.s5b_query(to, offer.sid, [proxy])
    el = bob.take("iq[@type='set']/{s5b}query")
    eq((el["to"], el["from"]), (to, alice.jid))
    key = dst_addr(offer.sid, alice.jid, to)
    target = t.socks(proxy[1], proxy[2], key)
    bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{offer.sid}'><streamhost-used jid='{proxy[0]}'/></query>")
    alice.s5b_used(uid, to, proxy[0])
    requester = t.socks(proxy[1], proxy[2], key)
    eq(alice.activate(offer.sid, to)["type"], "result")
    requester.write(data, quiet=True)
    requester.close()
    target.quiet = True
    eq(sha256(bytes(target.read_all())), sha256(data))
