"""What is kept of a transfer that broke off is known after a restart: killed in the middle, Ferry answers the same offer with <range/>
with the offset of the last checkpoint; stopped, with all that came. Another's offer of that file begins at 0, and so does a second one
while the first goes on."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"slots.checkpoint": "64K"})
    data = os.urandom(500_000)
    file = dict(to="bob@localhost", name="a.bin", data=data, range=True, hash=True)

    def offset(client):
        offer = client.offer(**file)
        offer.accepted()
        return offer

    alice = t.xmpp(ferry, "alice")
    offer = offset(alice)
    alice.ibb_open(offer.to, offer.sid)
    mark = ferry.log_mark()
    alice.ibb_blocks(offer.to, offer.sid, data[:200_000])
    durable = int(ferry.log_expect(r"transfer checkpoint .*received=(\d+)", since=mark).group(1))
    ferry.restart(kill=True)

    carol = t.xmpp(ferry, "carol")
    eq(offset(carol).offset, None, "another sender's")
    alice = t.xmpp(ferry, "alice")
    offer = offset(alice)
    start = offer.offset or 0
    ok(durable <= start <= 200_000, f"killed, it goes on at {start}, {durable} were durable")
    eq(offset(alice).offset, None, "one more of the same at the same time")
    alice.ibb_open(offer.to, offer.sid)
    alice.ibb_blocks(offer.to, offer.sid, data[start:250_000])

    mark = ferry.log_mark()
    ferry.signal(15)
    ferry.log_expect("draining", since=mark)
    ferry.signal(15)
    ferry.wait_exit(0)
    ferry.start()

    alice = t.xmpp(ferry, "alice")
    take_notice(alice, "failed")  # of the one more
    offer = alice.send_file(method="proxy", **file)
    eq(offer.offset, 250_000, "stopped, it goes on at")
    take_notice(alice, "stored")
    url, _ = take_link(t.xmpp(ferry, "bob"), "alice@localhost")
    eq(sha256(t.get(url).body), sha256(data))
    alice.expect_nothing()
