"""slixmpp sends its blocks in message stanzas to a user who is offline: he gets a link to equal bytes."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    data = os.urandom(200001)
    path = t.write("picture.bin", data)
    alice = t.slixmpp(ferry, "alice")
    alice.do("send", to="bob@localhost", path=path, method="ibb", messages=True)
    alice.event("sent")
    eq(alice.event("message")["transfer"]["state"], "stored")
    alice.quit()
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    eq(t.get(url).body, data)
