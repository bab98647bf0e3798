"""With copy = on what a receiver gets by a second stream is copied as the first was: an in-band one or another relay in place of a relay,
whoever replaced the transport and whether the first connection still stands, and an in-band one that was opened again. When the receiver leaves in the
middle of it Ferry goes on, and the file is whole."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "limits.stall": "20s"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(300_000)
    px = alice.proxy_address()
    ours = candidate(*px, "ours", 1, "proxy")

    def begun(method):
        bob = t.xmpp(ferry, "bob", resource="desk")
        j = alice.jingle(bob.jid, "a.bin", data, method=method, hash=True, candidates=ours if method == "s5b" else "")
        seen = bob.expect_jingle()
        seen.accepted(j)
        return bob, j, seen

    def relayed(bob, j, stream):
        key = dst_addr(stream, alice.jid, bob.jid)
        reads, writes = t.socks(px[1], px[2], key, name="bob-s5b"), t.socks(px[1], px[2], key, name="alice-s5b")
        reads.quiet = writes.quiet = True
        eq(alice.activate(stream, bob.jid)["type"], "result")
        writes.write(data[:50_000])
        reads.need(50_000)
        return reads, writes

    def opened(bob, j, stream):
        alice.ibb_opened(bob, j.to, stream)
        for seq in range(2):
            alice.ibb_passed(bob, j.to, stream, seq, data[seq * 4096:(seq + 1) * 4096])

    def finished(bob, j, stream, by, writes=None, reads=None):
        mark = ferry.log_mark()
        bob.abort()
        if by == "s5b":
            reads.abort()
            writes.write(data[50_000:])
        ferry.log_expect("goes on without the receiver", since=mark)
        if by == "ibb":
            alice.ibb_blocks(j.to, stream, data[8192:], seq=2)
            eq(alice.ibb_close(j.to, stream)["type"], "result")
        j.succeeded()
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob")
        eq(sha256(t.get(take_link(bob, "alice@localhost")[0]).body), sha256(data))
        bob.end()

    def replaced(bob, j, seen, by, who):
        stream = j.stream + "-2"
        other = transport_xml(by, stream, ours if by == "s5b" else "")
        for action, forth in (("transport-replace", who == "sender"), ("transport-accept", who != "sender")):
            if forth:
                uid = j.say(action, j.wrap(other), wait=False)
                bob.result(bob.take(f"iq/{{jingle}}jingle[@action='{action}']"))
                eq(alice.answer(uid, j.to)["type"], "result")
            else:
                uid = seen.say(action, seen.wrap(other), wait=False)
                j.expect(action)
                eq(bob.answer(uid)["type"], "result")
        if by == "ibb":
            opened(bob, j, stream)
            finished(bob, j, stream, "ibb")
        else:
            reads, writes = relayed(bob, j, stream)
            finished(bob, j, stream, "s5b", writes, reads)

    for who in ("sender", "receiver"):
        for by in ("ibb", "s5b"):
            for stands in (True, False):
                bob, j, seen = begun("s5b")
                reads, writes = relayed(bob, j, j.stream)
                if not stands:
                    mark = ferry.log_mark()
                    reads.close()
                    writes.close()
                    ferry.log_expect("proxy65 relay", since=mark)
                replaced(bob, j, seen, by, who)
            bob, j, seen = begun("ibb")
            opened(bob, j, j.stream)
            replaced(bob, j, seen, by, who)

    bob, j, seen = begun("ibb")
    opened(bob, j, j.stream)
    opened(bob, j, j.stream)
    finished(bob, j, j.stream, "ibb")
    alice.expect_nothing()
    ferry.ctl("fsck")
