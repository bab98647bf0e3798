"""A client that answers nothing, neither the blocks of a file that Ferry sends it nor anything that it makes Ferry ask besides: the oldest
questions are over, the stream with them, once, and he has the link."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "storage.max_file_size": "1M"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(300_000)
    alice.send_file("bob@localhost", "a.bin", data, method="ibb")
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    mark = ferry.log_mark()
    seen.accept("ibb")
    bob.result(bob.take("iq/{ibb}open"))
    for _ in range(4):
        bob.take("iq/{ibb}data")
    for _ in range(40):
        j = bob.jingle("alice@localhost/away", "b.bin", size=1 << 40)
        eq(j.answer()["type"], "result")
    ferry.log_expect("outgoing refused", since=mark)
    bob.take("iq/{ibb}close")
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
