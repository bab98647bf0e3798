"""The old login by password, without a get before it, on the legacy listener."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, listener="legacy")
    x.open_stream(version=None)
    eq(x.auth_set("alice", "secret-alice", resource="desk")["type"], "result")
    x.sync()
    ferry.log_expect(r"login user=alice@localhost mechanism=iq-auth-password")
