"""Row 56: no more than four dials of a session at once: the stream hosts of a fifth query are answered like those that cannot be reached,
and nobody connects to them; when the four are over it may again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    silent = [t.streamhost(f"silent{i}") for i in range(6)]
    offers = []
    for host in silent:
        offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
        offer.accepted()
        offers.append(offer)
    asked = [alice.s5b_query(offer.to, offer.sid, [host]) for offer, host in zip(offers, silent)]
    for uid in asked[4:]:
        expect_error(alice.answer(uid, "bob@localhost"), "item-not-found")
    eq([any(f"debug dial 127.0.0.1:{host.port}" in line for line in ferry.log) for host in silent], [True] * 4 + [False] * 2)
    for host in silent[:4]:
        host.accept().close()
    for uid in asked[:4]:
        expect_error(alice.answer(uid, "bob@localhost"), "item-not-found")
    own = t.streamhost()
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    alice.s5b_send(offer.to, offer.sid, b"1234", host=own)
    url, _ = take_link(t.xmpp(ferry, "bob"), "alice@localhost")
    eq(t.get(url).body, b"1234")
