"""resource_conflict = refuse: 409 for a resource in use; another resource is taken on the same stream."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"xmpp.resource_conflict": "refuse"})
    first = t.xmpp(ferry, "alice", resource="desk", tls=None, auth="iq-password")
    x = t.xmpp(ferry, listener="legacy")
    x.open_stream(version=None)
    expect_error(x.auth_set("alice", "wrong", resource="desk"), "not-authorized", code=401)
    expect_error(x.auth_set("alice", "secret-alice", resource="desk"), "conflict", code=409)
    eq(x.auth_set("alice", "secret-alice", resource="sofa")["type"], "result")
    x.sync()
    first.sync()
    y = t.xmpp(ferry, tls="direct")
    y.open_stream()
    y.sasl("PLAIN", "alice", "secret-alice")
    y.open_stream()
    expect_error(y.bind("desk"), "conflict", code=409)
    eq(y.bind("bed")["type"], "result")
