"""The receiver leaves in the middle of a stream through our proxy, whichever of his connections goes first: the sender is told to send
again. One who has the whole file, or who fails while he stays, leaves no such words."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.stall": "20s"})
    alice = t.xmpp(ferry, "alice")
    proxy = alice.proxy_address()
    data = os.urandom(50_000)

    def relayed():
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer(bob.jid, "a.bin", data, methods=("s5b",))
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        uid = alice.s5b_query(bob.jid, offer.sid, [proxy])
        el = bob.take("iq/{s5b}query")
        key = dst_addr(offer.sid, alice.jid, bob.jid)
        target = t.socks(proxy[1], proxy[2], key)
        bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{offer.sid}'><streamhost-used jid='{proxy[0]}'/></query>")
        alice.s5b_used(uid, bob.jid, proxy[0])
        requester = t.socks(proxy[1], proxy[2], key)
        eq(alice.activate(offer.sid, bob.jid)["type"], "result")
        requester.write(data[:20_000], quiet=True)
        target.need(20_000)
        return bob, target, requester

    def ended(mark):
        ferry.log_expect("proxy65 relay (ended|failed)", since=mark)

    for first in ("session", "connection"):
        bob, target, requester = relayed()
        mark = ferry.log_mark()
        if first == "session":
            bob.end()
            target.abort()
        else:
            target.abort()
        requester.write(b"x", quiet=True)
        requester.close()
        ended(mark)
        if first == "connection":
            alice.expect_nothing()
            bob.end()
        eq(take_notice(alice, "failed").find("transfer")["why"], "receiver-left")

    for first in ("session", "connection"):
        bob, target, requester = relayed()
        mark = ferry.log_mark()
        if first == "session":
            bob.end()
        requester.write(data[20_000:], quiet=True)
        target.need(30_000)
        requester.close()
        target.close()
        ended(mark)
        if first == "connection":
            bob.end()
        alice.expect_nothing()
