"""A client logs in over STARTTLS with SCRAM, binds, and two users talk."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice", resource="desk")
    eq(alice.jid, "alice@localhost/desk")
    bob = t.xmpp(ferry, "bob", auth="SCRAM-SHA-1", tls="direct")
    alice.message("bob@localhost", "ahoy & welcome")
    bob.expect("message[@type='chat']", body="ahoy & welcome", from_=alice.jid)
    bob.message(alice.jid, "back")
    alice.expect("message", body="back", from_=bob.jid)
    alice.end()
    bob.end()
    ferry.stop()
