"""An interrupted transfer to Ferry goes on where it stopped when the same sender offers the same file to the same address again with
<range/>: the answer has the offset, the bytes behind it are enough, in band and by a bytestream, and all of it is checked. Another
file, another address or an offer without <range/> begins at 0."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    data, kept = os.urandom(400_000), set()

    def broken(alice, sent, method, **given):
        offer = alice.offer("bob@localhost", "a.bin", data, methods=(method,), range=True, **given)
        offer.accepted()
        start = offer.offset or 0
        mark = ferry.log_mark()
        if method == "ibb":
            alice.ibb_open(offer.to, offer.sid)
            alice.ibb_blocks(offer.to, offer.sid, data[start:sent])
            alice.abort()  # the session goes, the bytes stay
        else:
            alice.s5b_send(offer.to, offer.sid, data[start:sent])
        kept.add(ferry.log_expect(r"info (\S+) transfer kept .*received=%d " % sent, since=mark).group(1))
        return offer

    for given in ({"hash": True}, {"date": "2026-01-02T03:04:05Z"}):
        alice = t.xmpp(ferry, "alice")
        broken(alice, 100_000, "s5b", **given)
        eq(broken(alice, 200_000, "s5b", **given).offset, 100_000)
        eq(broken(alice, 250_000, "ibb", **given).offset, 200_000)
        alice = t.xmpp(ferry, "alice")

        for other in (dict(name="b.bin"), dict(to="carol@localhost"), dict(range=False), dict(size=400_001), dict(date="1999-01-01T00:00:00Z")):
            asked = dict(to="bob@localhost", name="a.bin", data=data, range=True) | given | other
            offer = alice.offer(**asked)
            offer.accepted()
            eq(offer.offset, None, f"the offset of {other}")
        stranger = t.xmpp(ferry, "carol")
        offer = stranger.offer("bob@localhost", "a.bin", data, range=True, **given)
        offer.accepted()
        eq(offer.offset, None, "another sender's")
        stranger.end()

        offer = alice.send_file("bob@localhost", "a.bin", data, method="ibb", range=True, **given)
        eq(offer.offset, 250_000)
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob")
        url, _ = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data))
        alice.sync()
        for m in alice.have("message"):
            ok(not m.find("transfer").get("id", "").startswith(tuple(kept)), f"words about what went on in the end: {m}")
        bob.end()
        alice.end()
