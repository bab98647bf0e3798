"""A blocked account: account-disabled for the right password only, 401 in the old login; wrong passwords look as ever."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    ferry.ctl("user", "block", "alice@localhost")
    x = t.xmpp(ferry, tls="direct")
    x.open_stream()
    ok(x.sasl("PLAIN", "alice", "wrong").matches("{sasl}failure/not-authorized"))
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}failure/account-disabled"))
    ok(x.sasl("SCRAM-SHA-256", "alice", "secret-alice").matches("{sasl}failure/account-disabled"))
    y = t.xmpp(ferry, listener="legacy")
    y.open_stream(version=None)
    expect_error(y.auth_set("alice", "secret-alice"), "not-authorized", code=401)
