"""Gajim finds the upload service, uploads by HTTPS and shares the link: its bytes are equal."""
import os

from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"http.public_url": None, "http.listen": ""}, https=True)
    bob = t.xmpp(ferry, "bob")
    alice = t.gajim(ferry, "alice")
    alice.expect_line(r"^service$")
    for name in ("photo.png", "tr\u00e8s cool.tar.gz"):
        data = os.urandom(200_001)
        alice.send(f"upload bob@localhost {t.write(name, data)}")
        message = bob.take("message/{oob}x")
        link = message.text_of("{oob}x/url")
        eq(message.text_of("body"), link)
        ok(link.startswith("https:") and link.endswith(os.path.splitext(name)[1]), link)
        eq(t.curl("-f", "--cacert", os.path.join(ferry.spool, "tls.crt"), link).out, data)
    alice.quit()
