"""SCRAM-SHA-256 over STARTTLS logs in, and the server proves that it knows the password too."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice", resource="desk", auth="SCRAM-SHA-256")  # Scram.verify checks the server's proof
    eq(alice.jid, "alice@localhost/desk")
    alice.sync()
    ferry.log_expect(r"login user=alice@localhost mechanism=SCRAM-SHA-256 tls=TLSv1\.[23] address=127\.0\.0\.1")
