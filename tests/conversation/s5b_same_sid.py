"""One sid for two receivers at once: a stream through our proxy belongs to the offer whose receiver it was activated for. When he leaves in
the middle his file is gone on with for him, and the other one gets none of it."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"offers.copy": "on"})
    alice, bob, carol = (t.xmpp(ferry, name, resource="r") for name in ("alice", "bob", "carol"))
    data = os.urandom(300_000)
    for x in (bob, carol):
        offer = alice.offer(x.jid, "a.bin", data, methods=("s5b",), sid="one")
        x.expect_offer().accept("s5b")
        offer.accepted("s5b")
    _, host, port = alice.proxy_address()
    key = dst_addr("one", alice.jid, bob.jid)
    target, wire = t.socks(host, port, key), t.socks(host, port, key)
    eq(alice.activate("one", bob.jid)["type"], "result")
    wire.write(data[:100_000], quiet=True)
    target.need(100_000)
    bob.abort(), target.abort()
    wire.write(data[100_000:], quiet=True)
    wire.expect_eof()
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob", resource="later")
    eq(sha256(t.get(take_link(bob, "alice@localhost")[0]).body), sha256(data))
    carol.expect_nothing()
