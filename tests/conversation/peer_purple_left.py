"""libpurple sends to libpurple, who is killed in the middle of a stream, in band and through our proxy. With a copy Ferry goes on in his
name: the sender notices nothing, and the receiver gets a link to equal bytes when he is back."""
import os
import signal

from talk import *

FAR = "10.255.255.1"  # no route leads there


def run(t):
    t.own_network()
    for method, proxy, size in (("ibb", "", 3_000_000), ("proxy", "127.0.0.1:0", 30_000_000)):
        data = os.urandom(size)
        ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "proxy65.listen": proxy})
        t.befriended(ferry, "alice", "bob")
        bob = t.purple(ferry, "bob")
        alice = t.purple(ferry, "alice", address=FAR)
        alice.expect_line(r"^buddy on bob@localhost")
        bob.send("freeze")
        alice.send(f"send bob@localhost {t.write('a.bin', data)}")
        bob.expect_line(r"^frozen a\.bin$")
        bob.signal(signal.SIGKILL)
        alice.expect_line(r"^sent a\.bin$")
        bob = t.xmpp(ferry, "bob")
        url, _ = take_link(bob, "alice@localhost")
        eq(sha256(t.get(url).body), sha256(data), method)
        alice.quit()
        ferry.stop()
