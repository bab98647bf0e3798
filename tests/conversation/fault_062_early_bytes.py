"""Row 62: bytes before the activation are not forwarded: the proxy stops reading (a flood ends up in TCP's own back pressure). At
the activation they go first: libgloox sends as soon as it is connected."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    _, host, port = alice.proxy_address()
    key = dst_addr("s", alice.jid, bob.jid)
    target, requester = t.socks(host, port, key), t.socks(host, port)
    requester.write(b"\5\1\0" + requester.asking(key) + b"at once ")
    eq(requester.chosen(), 0)
    eq(requester.answered()[0], 0)
    requester.write(b"too early ")
    alice.sync()
    shaken = target.received
    flood = t.socks(host, port, dst_addr("flood", alice.jid, bob.jid))
    flood.sock.setblocking(False)
    before, sent, block = ferry.rss_kb(), 0, b"x" * 65536
    try:
        while sent < 200_000_000:
            sent += flood.sock.send(block)
    except BlockingIOError:
        pass
    ok(sent < 100_000_000, f"the proxy read {sent} bytes before the activation")
    alice.sync()
    ok(ferry.rss_kb() - before < 4000, "early bytes are kept in memory")
    eq(target.received, shaken, "bytes before the activation")
    eq(alice.activate("s", bob.jid)["type"], "result")
    requester.write(b"in time")
    eq(bytes(target.need(25)), b"at once too early in time")
