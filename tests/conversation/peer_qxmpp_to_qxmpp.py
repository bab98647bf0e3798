"""libqxmpp to libqxmpp, both there: in band, by the sender's own stream host, and through our proxy; the daemon keeps nothing."""
import os

from talk import *


def run(t):
    t.own_network("10.1.2.3")
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.qxmpp(ferry, "alice"), t.qxmpp(ferry, "bob")
    for name, command, relayed in (("ibb", "methods ibb", False), ("own", "methods s5b", False), ("proxy", "proxy proxy.localhost", True)):
        data = os.urandom(200_001)
        alice.send(command)
        alice.send(f"send {bob.jid} {t.write(name, data)}")
        eq(bob.received(name), data, name)
        alice.expect_line(rf"^sent {name}$")
        eq(ferry.log_has("proxy65 relay begins"), relayed, name)
    eq(ferry.ctl("ls").out, "", "nothing was stored")
    alice.quit()
    bob.quit()
