"""Row 58: the proxy takes a handshake one byte a segment and pipelined in one, on either side, and relays both ways."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    jid, host, port = alice.proxy_address()
    eq(jid, "proxy.localhost")
    for n, (first, second) in enumerate((("bytes", "pipelined"), ("pipelined", "bytes"), ("steps", "steps"))):
        key = dst_addr(f"s{n}", alice.jid, bob.jid)
        target = t.socks(host, port, key, first)
        requester = t.socks(host, port, key, second)
        eq(alice.activate(f"s{n}", bob.jid)["type"], "result")
        data = os.urandom(400_000)
        requester.write(data, quiet=True)
        target.quiet = True
        eq(sha256(bytes(target.need(len(data)))), sha256(data))
        target.write(b"and back")
        eq(bytes(requester.need(8)), b"and back")
        requester.shut()
        target.expect_eof()
        target.write(b"half-closed")
        eq(bytes(requester.need(11)), b"half-closed")
        target.close()
        requester.expect_eof()
