"""SCRAM-SHA-1 over direct TLS logs in; a name with a capital letter is the same user."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, tls="direct")
    alice.open_stream()
    ok(alice.sasl("SCRAM-SHA-1", "Alice", "secret-alice").matches("{sasl}success"), "no success")
    alice.open_stream()
    alice.bind("desk")
    eq(alice.jid, "alice@localhost/desk")
    ferry.log_expect(r"login user=alice@localhost mechanism=SCRAM-SHA-1 ")
