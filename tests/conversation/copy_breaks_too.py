"""The receiver leaves in the middle of a stream that is copied, and then the sender breaks off as well: what has come is kept, and the same
offer, made again, goes on there."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="desk")
    data = os.urandom(1_000_000)
    target, requester, offer = alice.relay_to(bob, data, range=True, hash=True)
    requester.write(data[:300_000])
    target.need(100_000)
    mark = ferry.log_mark()
    bob.abort()
    target.abort()
    requester.write(data[300_000:600_000])
    ferry.log_expect("goes on without the receiver", since=mark)
    requester.close()
    kept = int(ferry.log_expect(r"transfer kept .*received=(\d+)", since=mark).group(1))
    eq(kept, 600_000)
    offer = alice.send_file(offer.to, "a.bin", data, range=True, hash=True)
    eq(offer.offset, kept)
    take_notice(alice, "stored")
    url, _ = take_link(t.xmpp(ferry, "bob"), "alice@localhost")
    eq(sha256(t.get(url).body), sha256(data))
    alice.expect_nothing()
