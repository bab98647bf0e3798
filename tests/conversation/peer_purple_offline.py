"""libpurple (Pidgin's engine) refuses to send to a contact who is not there, but the filebox is. What it sends there through our proxy,
and in band where there is none, becomes links to equal bytes."""
import os

from talk import *


def run(t):
    t.own_network()
    for method, proxy in (("bytestreams", "127.0.0.1:0"), ("ibb", "")):
        ferry = t.ferry(users=["alice", "bob"], conf={"offers.filebox": "on", "proxy65.listen": proxy})
        t.befriended(ferry, "alice", "bob")
        alice = t.purple(ferry, "alice")
        alice.expect_line(r"^buddy on bob@localhost")
        data = os.urandom(200_001)
        alice.send(f"send bob@localhost {t.write('a.bin', data)}")
        alice.expect_line(r"^sent a\.bin")
        alice.expect_line(r'^message upload\.localhost "a\.bin" .* is stored')
        ok(ferry.log_has(rf"offer accepted .*by={method}"), method)
        bob = t.xmpp(ferry, "bob")
        url, _ = take_link(bob, "alice@localhost")
        eq(t.get(url).body, data, method)
        alice.quit()
        ferry.stop()
