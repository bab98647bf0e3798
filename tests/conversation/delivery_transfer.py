"""A stored file reaches one who prefers transfers as an ordinary offer from its sender, in band and by our proxy: one after the other,
without a message; it counts as told and as fetched, and the link stays. A file that came by HTTP comes the same way."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    files = {f"{i}.bin": os.urandom(size) for i, size in enumerate((150_000, 700_000, 0, 65536))}
    for name, data in files.items():
        alice.leave_file("bob@localhost", name, data)
    bob = t.xmpp(ferry, "bob")
    for i, (name, data) in enumerate(files.items()):
        seen = bob.expect_offer()
        eq((seen.sender, seen.to), ("alice@localhost/ferry", bob.jid))
        eq((seen.name, seen.size), (name, len(data)))
        eq(seen.methods, ["s5b", "ibb", "oob"])
        bob.expect_nothing()
        method = ("ibb", "s5b")[i % 2]
        seen.accept(method)
        got = seen.receive_ibb() if method == "ibb" else seen.receive_s5b()
        eq(sha256(got), sha256(data))
        take_notice(alice, "fetched")
    bob.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    eq([o["state"] for o in ferry.ctl("ls", "--json").objects], ["stored"] * 4, "the files stay")

    path = t.write("d.txt", b"by HTTP")
    ferry.ctl("send", "--from", "alice@localhost", path, "bob@localhost")
    seen = bob.expect_offer()
    seen.accept("ibb")
    eq(seen.receive_ibb(), b"by HTTP")
    bob.expect_nothing()
