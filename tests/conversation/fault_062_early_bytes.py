"""Row 62: bytes before the activation are not forwarded, and the proxy stops reading them."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    _, host, port = alice.proxy_address()
    key = dst_addr("s", alice.jid, bob.jid)
    target, requester = t.socks(host, port, key), t.socks(host, port, key, style="pipelined")
    requester.write(b"too early")
    alice.sync()
    eq(alice.activate("s", bob.jid)["type"], "result")
    requester.write(b"in time")
    eq(bytes(target.need(7)), b"in time")
