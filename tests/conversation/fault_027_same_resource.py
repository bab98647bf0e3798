"""Row 27: the same resource bound twice: the old stream ends with conflict, the new one has the address; so it is in the old
login."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob = t.xmpp(ferry, "bob")
    first = t.xmpp(ferry, "alice", resource="desk")
    second = t.xmpp(ferry, "alice", resource="desk")
    first.expect_stream_error("conflict")
    first.expect_close(tag=True)
    bob.message("alice@localhost/desk", "one")
    eq(second.expect("message").body, "one")
    third = t.xmpp(ferry, "alice", resource="desk", tls=None, auth="iq-password")
    second.expect_stream_error("conflict")
    second.expect_close()
    bob.message("alice@localhost/desk", "two")
    eq(third.expect("message").body, "two")
