"""Row 41: the old login without a resource is 406; with one that is in use the old session is replaced."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    first = t.xmpp(ferry, "alice", resource="desk")
    x = t.xmpp(ferry, listener="legacy")
    x.open_stream(version=None)
    for resource in None, "":
        expect_error(x.auth_set("alice", "secret-alice", resource=resource), "not-acceptable", code=406)
    first.sync()
    eq(x.auth_set("alice", "secret-alice", resource="desk")["type"], "result")
    first.expect_stream_error("conflict")
    first.expect_close()
    x.sync()
