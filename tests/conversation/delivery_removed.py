"""A file that is removed, or expires, while others are being delivered before it is not offered, and no link of it comes. One that goes
in the middle ends its stream: by a close in band, by the end of the connection, and in a Jingle session by its session-terminate; so
does one that went while its offer was open, when that is taken."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})

    def store(name, size=400_000):
        out = ferry.ctl("send", "--from", "alice@localhost", t.write(name, os.urandom(size)), "bob@localhost", "--json").objects[0]
        return out["get"].split("/")[4]

    def gone(bob):
        """Nothing more comes of it."""
        bob.sync()
        bob.expect_nothing()
        t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")

    # waiting
    first, removed, expired, last = (store(n, 100) for n in ("first", "removed", "expired", "last"))
    bob = t.xmpp(ferry, "bob")
    seen = bob.expect_offer()
    eq(seen.name, "first")
    ferry.ctl("rm", removed)
    ferry.ctl("extend", expired, "1s")
    t.pump(lambda: ferry.ctl("show", expired).dict["state"] == "expired", "its expiry")
    seen.accept("ibb")
    seen.receive_ibb()
    seen = bob.expect_offer()
    eq(seen.name, "last")
    ferry.ctl("rm", last)  # while its offer is open
    seen.accept("ibb")
    bob.result(bob.take("iq[@type='set']/{ibb}open", from_=seen.sender))
    bob.result(bob.expect("iq[@type='set']/{ibb}close", from_=seen.sender))
    gone(bob)
    one = store("declined", 100)
    seen = bob.expect_offer()
    ferry.ctl("rm", one)
    seen.decline("forbidden")  # no link of it follows
    gone(bob)

    # in band
    one = store("inband")
    seen = bob.expect_offer()
    seen.accept("ibb")
    bob.result(bob.take("iq[@type='set']/{ibb}open", from_=seen.sender))
    block = bob.take("iq/{ibb}data", from_=seen.sender)
    ferry.ctl("rm", one)
    bob.result(block)
    while True:
        el = bob.expect("iq[@type='set']", from_=seen.sender)
        bob.result(el)
        if el.find("{ibb}close") is not None:
            break
    gone(bob)

    # by the proxy
    one = store("proxy", 30_000_000)
    seen = bob.expect_offer()
    seen.accept("s5b")
    el = bob.take("iq/{s5b}query")
    host = el.find("query/streamhost")
    wire = t.socks(host["host"], int(host["port"]), dst_addr(seen.sid, seen.sender, el["to"]))
    wire.quiet = wire.paused = True
    bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{seen.sid}'><streamhost-used jid='{host['jid']}'/></query>")
    bob.sync()
    ferry.ctl("rm", one)
    wire.paused = False
    ok(len(wire.read_all()) < 30_000_000, "its end")
    gone(bob)
    bob.end()

    # by Jingle
    bob = t.xmpp(ferry, "bob", able=("jft5", "jibb", "js5b"))
    one = store("jingle", 30_000_000)
    seen = bob.expect_session()
    seen.accept()
    wire = seen.connect()
    wire.quiet = wire.paused = True
    ferry.ctl("rm", one)
    wire.paused = False
    ok(len(wire.read_all()) < 30_000_000, "its end")
    seen.ended("failed-application")
    one = store("open", 1000)
    seen = bob.expect_session()
    ferry.ctl("rm", one)
    seen.accept()
    wire = seen.connect()
    seen.ended("failed-application")
    gone(bob)
