"""A Jingle delivery goes on in band, in the same session, when the receiver cannot reach our proxy, says that it failed, claims a
connection that is not there, or is silent about it, and when he proposes that himself; in blocks as small as he wants them. When
he rejects the other transport the session ends with failed-transport, and he gets the link."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(50_000)
    names = ["error", "proxy", "lie", "silent", "his", "small", "reject"]
    for name in names:
        alice.leave_file("bob@localhost", name, data)
    bob = t.xmpp(ferry, "bob", able=("jft5", "js5b", "jibb"))
    for name in names:
        seen = bob.expect_session()
        eq((seen.name, seen.method), (name, "s5b"))
        if name == "silent":
            ferry.reload(**{"offers.answer_timeout": "10s"})
        seen.accept()
        block = 4096
        if name in ("error", "small", "reject"):
            seen.informed("candidate-error")
            seen.info("<candidate-error/>")
        elif name == "proxy":
            wire = seen.connect(used=False)
            seen.info("<proxy-error/>")
            wire.close()
        elif name == "lie":
            seen.informed("candidate-error")
            seen.info("<candidate-used cid='proxy'/>")
            seen.informed("proxy-error")
        elif name == "silent":
            seen.informed("candidate-error")
            ferry.reload(**{"offers.answer_timeout": None})
        if name == "reject":
            seen.replaced("transport-reject")
            seen.ended("failed-transport")
            ok(name in take_link(bob, "alice@localhost")[0], "the link")
            continue
        if name == "his":
            seen.informed("candidate-error")
            seen.must("transport-replace", seen.wrap(f"<transport xmlns='{NS['jibb']}' sid='his-own' block-size='512'/>"))
            eq(seen.next("transport-accept").find(f"content/{{{NS['jibb']}}}transport")["sid"], "his-own")
            seen.stream, block = "his-own", 512
        elif name == "small":
            block = 300
            seen.replaced(block=block)
        else:
            seen.replaced()
        opened = bob.take("iq[@type='set']/{ibb}open", from_=seen.sender)
        eq(int(opened.find("open")["block-size"]), block)
        bob.queue.insert(0, opened)
        eq(sha256(seen.bytes_in_band()), sha256(data))
        seen.received()
        seen.ended("success")
    bob.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
