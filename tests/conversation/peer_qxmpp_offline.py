"""libqxmpp sends to a resource that is not there, in band, by its own stream host, and through our proxy; it uploads by XEP-0363 too.
Each becomes a link to equal bytes."""
import os

from talk import *

ADDRESS = "10.1.2.3"


def run(t):
    t.own_network(ADDRESS)
    ferry = t.ferry(users=["alice", "bob"], conf={"xmpp.listen": f"{ADDRESS}:0"})
    alice = t.qxmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    for name, *commands in (("ibb", "methods ibb"), ("own", "methods s5b"), ("proxy", "proxy proxy.localhost")):
        data = os.urandom(200_001)
        for command in commands:
            alice.send(command)
        alice.send(f"send bob@localhost/gone {t.write(name, data)}")
        alice.expect_line(rf"^sent {name}$")
        url, _ = take_link(bob, "alice@localhost")
        eq(t.get(url).body, data, name)
    ok(ferry.log_has("by=ibb") and ferry.log_has("by=bytestreams"), "the methods")
    data = os.urandom(200_001)
    alice.expect_line(r"^service upload\.localhost$")
    alice.send(f"upload {t.write('up.bin', data)}")
    eq(t.get(alice.expect_line(r"^uploaded (\S+)$")[1]).body, data, "the upload")
    alice.quit()
