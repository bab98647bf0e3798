"""A stream through our proxy for a receiver who is away, activated before storage has said yes to it: nothing that was sent before is lost,
in one go with the handshake or behind it."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    px, data = alice.proxy_address(), os.urandom(20_000)
    for early in (100, 0):
        offer = alice.offer("bob@localhost", "a.bin", data, methods=("s5b",))
        offer.accepted("s5b")
        wire = t.dial(px[1], px[2])
        key = dst_addr(offer.sid, alice.jid, "bob@localhost")
        wire.write(b"\5\1\0\5\1\0\3\x28" + key.encode() + b"\0\0" + data[:early])
        wire.need(2 + 47)
        lock = ferry.hold_index()
        uid = alice.s5b_query("bob@localhost", offer.sid, [px])
        eq(alice.activate(offer.sid, "bob@localhost")["type"], "result")
        wire.write(data[early:], quiet=True)
        alice.sync()
        lock.close()
        alice.s5b_used(uid, "bob@localhost", px[0])
        take_notice(alice, "stored")
        wire.close()
    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        url, _ = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data))
