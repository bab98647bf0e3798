"""A receiver who leaves before he answers, or in the middle of a delivered stream, is offered the file again at his next login; so is
one whose daemon was killed in the middle. Each file is told once."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    data = os.urandom(3_000_000)
    alice.send_file("bob@localhost", "a.bin", data, method="ibb", block=30000)
    take_notice(alice, "stored")

    bob = t.xmpp(ferry, "bob")
    bob.expect_offer()
    bob.abort()

    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    seen.accept("ibb")
    bob.result(bob.take("iq/{ibb}open"))
    bob.result(bob.take("iq/{ibb}data"))
    bob.abort()

    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    seen.accept("s5b")
    el = bob.take("iq/{s5b}query")
    host = el.find("query/streamhost")
    wire = t.socks(host["host"], int(host["port"]), dst_addr(seen.sid, seen.sender, el["to"]))
    wire.paused = True
    bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{seen.sid}'><streamhost-used jid='{host['jid']}'/></query>")
    bob.sync()
    ferry.restart(kill=True)

    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    seen.accept("s5b")
    eq(sha256(seen.receive_s5b()), sha256(data))
    take_notice(alice, "fetched")
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    ferry.restart()
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    bob.expect_nothing()
    alice.expect_nothing()


TIME_LIMIT = 120
