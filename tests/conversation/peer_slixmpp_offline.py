"""slixmpp offers by SI to a user who is offline, and sends in band, in iqs and in messages, or through the proxy that it finds by disco: he
gets links to equal bytes."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.slixmpp(ferry, "alice")
    for way in ({"method": "ibb", "block": 8192}, {"method": "ibb", "messages": True}, {"method": "s5b"}):
        data = os.urandom(200_001)
        alice.do("send", to="bob@localhost", path=t.write("picture.bin", data), **way)
        alice.event("sent")
        eq(alice.event("message")["transfer"]["state"], "stored")
        bob = t.xmpp(ferry, "bob")
        url, _ = take_link(bob, "alice@localhost")
        eq(t.get(url).body, data, way)
        bob.end()
    alice.quit()
