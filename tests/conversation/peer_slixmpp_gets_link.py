"""slixmpp, offline while a file was sent to it, gets the link with body and jabber:x:oob alike when it is back."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "a b.txt", b"hello", method="ibb")
    take_notice(alice, "stored")
    bob = t.slixmpp(ferry, "bob")
    m = bob.event("message")
    eq(m["oob"], m["body"])
    eq(m["from"].partition("/")[0], "alice@localhost")
    eq(t.curl("-f", m["body"]).out, b"hello")
    bob.quit()
