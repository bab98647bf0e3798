"""libpurple as a receiver who answers too late (it is stopped meanwhile): Ferry has taken the file from libpurple, and then sends it to
him, through the proxy and in band."""
import os
import signal

from talk import *


def run(t):
    t.own_network()
    for method, proxy in (("proxy", "127.0.0.1:0"), ("ibb", "")):
        ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "4s", "proxy65.listen": proxy})
        t.befriended(ferry, "alice", "bob")
        bob = t.purple(ferry, "bob")
        alice = t.purple(ferry, "alice")
        alice.expect_line(r"^buddy on bob@localhost")
        alice.send(f"send bob@localhost/purple {t.write('first.bin', b'what bob can is known now')}")
        eq(bob.received("first.bin"), b"what bob can is known now")
        bob.signal(signal.SIGSTOP)
        data = os.urandom(200_001)
        alice.send(f"send bob@localhost/purple {t.write('a.bin', data)}")
        alice.expect_line(r'^message upload\.localhost "a\.bin" .* is stored')
        bob.signal(signal.SIGCONT)
        eq(bob.received("a.bin"), data, method)
        ferry.log_expect("outgoing completed .*bytes=200001")
        alice.quit()
        bob.quit()
        ferry.stop()
