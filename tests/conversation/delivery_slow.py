"""A receiver who takes no bytes of a delivered stream, one who never ends it behind the last byte, and one who stops answering blocks
are given up, and get the link; what waits for them is bounded."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "limits.stall": "4s"})
    for name, size in (("a.bin", 40_000_000), ("b.bin", 100_000), ("c.bin", 100_000)):
        ferry.ctl("send", "--from", "alice@localhost", t.write(name, os.urandom(size)), "bob@localhost")
    bob = t.xmpp(ferry, "bob")
    for name, data in (("a.bin", None), ("b.bin", 100_000)):
        seen = bob.expect_offer()
        eq(seen.name, name)
        seen.accept("s5b")
        el = bob.take("iq/{s5b}query", from_=seen.sender)
        host = el.find("query/streamhost")
        wire = t.socks(host["host"], int(host["port"]), dst_addr(seen.sid, seen.sender, el["to"]))
        wire.quiet, wire.paused = True, data is None
        before = ferry.rss_kb()
        bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{seen.sid}'><streamhost-used jid='{host['jid']}'/></query>")
        if data:
            wire.need(data)  # he has it all, and says nothing
        ok(name in take_link(bob, "alice@localhost")[0], "the link")
        ok(ferry.rss_kb() - before < 20_000, "what waits is bounded")
        wire.close()
    seen = bob.expect_offer()
    seen.accept("ibb")
    opened = bob.take("iq/{ibb}open", from_=seen.sender)
    ferry.reload(**{"offers.answer_timeout": "4s"})
    bob.result(opened)
    for _ in range(4):
        bob.take("iq/{ibb}data", from_=seen.sender)
    bob.expect_nothing()  # no fifth block before one is answered
    ok("c.bin" in take_link(bob, "alice@localhost")[0], "the link")
