"""Jingle over SOCKS5 with our own proxy among the sender's candidates, whatever its priority and whatever address hash he tells:
Ferry sits down there in memory, says so at once, dials nobody, and takes the bytes when he has activated the stream."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    trap = t.streamhost()
    proxy = alice.proxy_address()
    for to in ("bob@localhost", "Bob@localhost/gone"):
        data = os.urandom(300_000)
        stream = os.urandom(6).hex()
        key = dst_addr(stream, alice.jid, to)
        j = alice.jingle(to, "p.bin", data, method="s5b", stream=stream, dstaddr=key, hash=True,
                         candidates=candidate(alice.jid, trap.host, trap.port, "direct", 8257636) +
                         candidate(*proxy, "ours", 655360, "proxy"))
        j.accepted()
        used = j.expect("transport-info").find("{jingle}jingle/content/{js5b}transport/candidate-used")
        eq(used["cid"], "ours")
        j.transport_info("<candidate-error/>")
        wire = t.socks(proxy[1], proxy[2], key)
        eq(alice.activate(stream, to)["type"], "result")
        j.transport_info("<activated cid='ours'/>")
        wire.write(data, quiet=True)
        wire.close()
        j.succeeded()
        bob = t.xmpp(ferry, "bob")
        eq(sha256(t.get(take_link(bob)[0]).body), sha256(data))
        bob.end()
    eq(trap.count, 0, "connections to the sender's own host")
