"""A real client, slixmpp, logs in over STARTTLS."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    s = t.slixmpp(ferry, "alice", resource="slix")
    eq(s.jid, "alice@localhost/slix")
    bob = t.xmpp(ferry, "bob")
    bob.message("alice@localhost/slix", "hello")
    eq(s.event("message")["body"], "hello")
    s.quit()
