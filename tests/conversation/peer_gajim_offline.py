"""Gajim uploads by HTTPS alone, and by Jingle sends to contacts who are there: where there is no HTTPS it sees the filebox of one who is
not. What it sends there becomes a link to equal bytes."""
import os

from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.filebox": "on"})
    t.befriended(ferry, "alice", "bob")
    alice = t.gajim(ferry, "alice")
    alice.expect_line(r"^takers bob@localhost/ferry$")
    data = os.urandom(200_001)
    alice.send(f"send bob@localhost/ferry {t.write('a.bin', data)}")
    alice.expect_line(r"^sent a\.bin$")
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
    alice.quit()
