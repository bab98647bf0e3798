"""libpurple to libpurple, both there: by the sender's own stream host, through our proxy when that is out of reach, and in band after
item-not-found for both; the daemon keeps nothing."""
import os

from talk import *

FAR = "10.255.255.1"  # no route leads there


def run(t):
    t.own_network()
    for method, address, proxy in (("own", "127.0.0.1", "127.0.0.1:0"), ("proxy", FAR, "127.0.0.1:0"), ("ibb", FAR, "")):
        ferry = t.ferry(users=["alice", "bob"], conf={"proxy65.listen": proxy})
        t.befriended(ferry, "alice", "bob")
        bob = t.purple(ferry, "bob")
        alice = t.purple(ferry, "alice", address=address)
        alice.expect_line(r"^buddy on bob@localhost")
        data = os.urandom(200_001)
        alice.send(f"send bob@localhost {t.write('a.bin', data)}")
        alice.expect_line(r"^sent a\.bin")
        eq(bob.received("a.bin"), data, method)
        eq((ferry.log_has("proxy65 relay begins"), ferry.log_has("opening -> fallback")), (method == "proxy", method == "ibb"))
        eq(ferry.ctl("ls").out, "", "nothing was stored")
        alice.quit()
        bob.quit()
        ferry.stop()
