"""Two streams through our proxy for one offer: which of them ends first, and whether the receiver is there then, changes nothing for the
other one. The later one is the offer's."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    _, host, port = alice.proxy_address()

    def relay(sid, target):
        key = dst_addr(sid, alice.jid, target)
        pair = t.socks(host, port, key), t.socks(host, port, key)
        eq(alice.activate(sid, target)["type"], "result")
        return pair

    def close(pair):
        mark = ferry.log_mark()
        for wire in pair:
            wire.close()
        ferry.log_expect("proxy65 relay .*bytes", since=mark)
    for first in (0, 1):
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer(bob.jid, "a.bin", b"12345", methods=["s5b"])
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        pairs = [relay(offer.sid, bob.jid), relay(offer.sid, "BOB@localhost/desk")]
        close(pairs[first])
        bob.end()
        pairs[1 - first][0].write(b"12345")
        eq(pairs[1 - first][1].need(5), b"12345")
        close(pairs[1 - first])
        alice.iq_get("<ping xmlns='urn:xmpp:ping'/>", "localhost")
