"""Row 60: a third connection under a live hash is refused with 5, before and after the activation; the pair is untouched."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    _, host, port = alice.proxy_address()
    key = dst_addr("s", alice.jid, bob.jid)
    target, requester = t.socks(host, port, key), t.socks(host, port, key)
    for _ in range(2):
        third = t.socks(host, port)
        third.greet()
        third.chosen()
        third.ask(key)
        eq(third.answered()[0], 5)
        third.expect_eof()
        if _ == 0:
            eq(alice.activate("s", bob.jid)["type"], "result")
    requester.write(b"untouched")
    eq(bytes(target.need(9)), b"untouched")
