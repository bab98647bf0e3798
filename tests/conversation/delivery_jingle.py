"""A receiver whose capabilities have Jingle file transfer gets what waits for him by Jingle, from the sender's address, one after
the other: name, size, date, type, description and checksum, by our proxy or in band as his client can, in version 5 or 4. His
<received/> ends the session with success, and the sender hears once that it was fetched; the files stay."""
import base64
import hashlib
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    data = b"\0" * 4096 + os.urandom(700_000)  # of no type that could be guessed

    def send(name):
        offer = alice.offer("bob@localhost", name=name, data=data, desc="a picture", methods=("ibb",))
        offer.accepted("ibb")
        alice.ibb_send("bob@localhost", offer.sid, data, 30000)
        take_notice(alice, "stored")

    def come(*features):
        bob = t.xmpp(ferry, "bob", able=features)
        return bob

    def take(bob, name, version, method):
        seen = bob.expect_session()
        eq((seen.sender, seen.to, seen.app, seen.method), ("alice@localhost/ferry", bob.jid, NS["jft"] + str(version), method))
        texts = [seen.file.text_of(w) for w in ("name", "size", "media-type", "desc")]
        eq(texts, [name, str(len(data)), "application/octet-stream", "a picture"])
        ok(seen.file.text_of("date").endswith("Z"), seen.el)
        one = seen.file.find(f"{{urn:xmpp:hashes:{2 if version == 5 else 1}}}hash")
        eq((one["algo"], one.text), ("sha-256", base64.b64encode(hashlib.sha256(data).digest()).decode()))
        bob.expect_nothing()
        eq(sha256(seen.receive()), sha256(data))
        take_notice(alice, "fetched")

    send("a.png")
    send("b.png")
    bob = come("jft5", "js5b", "jibb", "si")
    take(bob, "a.png", 5, "s5b")
    take(bob, "b.png", 5, "s5b")
    bob.expect_nothing()
    bob.end()
    send("c.png")
    bob = come("jft5", NS["jft"] + "4", "jibb")
    take(bob, "c.png", 5, "ibb")
    bob.end()
    send("d.png")
    bob = come(NS["jft"] + "4", "js5b", "jibb")
    take(bob, "d.png", 4, "s5b")
    bob.expect_nothing()
    alice.expect_nothing()
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    eq([o["state"] for o in ferry.ctl("ls", "--json").objects], ["stored"] * 4, "the files stay")
