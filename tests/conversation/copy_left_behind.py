"""With copy = on: a copy belongs to the stream it was begun with. When the sender opens another one while the first still runs through our
proxy (he asks again by stream hosts, or replaces the transport), it is dropped, and a receiver whose first connection breaks then
leaves nothing behind. Nor is a block in band taken for one of a stream that runs through the proxy."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="desk")
    data = os.urandom(1_000_000)
    px = alice.proxy_address()

    def broken(target, requester, again):
        requester.write(data[:200_000], quiet=True)
        target.need(200_000)
        again()
        mark = ferry.log_mark()
        target.abort()
        requester.write(data[200_000:400_000], quiet=True)
        ferry.log_expect("proxy65 relay failed", since=mark)
        requester.abort()
        eq(ferry.ctl("ls", "--all").rows, [])

    target, requester, offer = alice.relay_to(bob, data)
    alice.ibb_data(bob.jid, offer.sid, 0, b"no block of this stream")
    bob.take("iq/{ibb}data")

    def asks_again():
        alice.s5b_query(bob.jid, offer.sid, [px])
        bob.take("iq/{s5b}query")
    broken(target, requester, asks_again)

    j = alice.jingle(bob.jid, "a.bin", data, method="s5b", candidates=candidate(*px, "ours", 1, "proxy"))
    bob.expect_jingle().accepted(j)
    key = dst_addr(j.stream, alice.jid, bob.jid)
    target, requester = t.socks(px[1], px[2], key, name="bob-s5b"), t.socks(px[1], px[2], key, name="alice-s5b")
    target.quiet = requester.quiet = True
    eq(alice.activate(j.stream, bob.jid)["type"], "result")

    def replaces():
        j.say("transport-replace", j.wrap(transport_xml("ibb", "other")), wait=False)
        bob.take("iq/{jingle}jingle[@action='transport-replace']")
    broken(target, requester, replaces)
    alice.sync()
