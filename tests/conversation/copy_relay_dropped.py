"""What copy = on keeps of a stream through our proxy is dropped when the receiver has all of it, whoever closes first, and when the
sender breaks off: nothing is stored, nobody is told, the quota is back. A stream that finds no room for its copy, and one in which the
receiver speaks too, goes through as ever."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "storage.inbox_quota": "1M"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    data = os.urandom(900_000)

    def over(mark):
        ferry.log_expect("proxy65 relay (ended|failed)", since=mark)

    def passes(data, order, word=b""):
        mark = ferry.log_mark()
        target, requester, _ = alice.relay_to(bob, data)
        if order == "early half-close":
            target.shut()
        requester.write(data[:1000], quiet=True)
        if word:
            target.write(word)
            eq(requester.need(len(word)), word)
        requester.write(data[1000:], quiet=True)
        if order == "sender":
            requester.close()
        eq(sha256(target.need(len(data))), sha256(data), order)
        if order != "early half-close":
            target.close()
        if requester.open:
            requester.expect_eof()
        requester.close()
        target.close()
        over(mark)
        eq(ferry.ctl("ls", "--all").rows, [], order)

    passes(data, "receiver")
    passes(data, "sender")
    passes(data, "early half-close")
    passes(data, "receiver", word=b"hello")
    passes(os.urandom(2_000_000), "receiver")  # more than the quota

    mark = ferry.log_mark()
    target, requester, _ = alice.relay_to(bob, data)
    requester.write(data[:500_000], quiet=True)
    target.need(500_000)
    requester.close()
    target.expect_eof()
    target.close()
    over(mark)
    alice.expect_nothing()
    bob.expect_nothing()
    bob.end()
    alice.send_file("bob@localhost", "b.bin", b"z" * 1_000_000)
    take_notice(alice, "stored")
    alice.expect_nothing()
    eq([row[2] for row in ferry.ctl("ls", "--all").rows], ["b.bin"])
