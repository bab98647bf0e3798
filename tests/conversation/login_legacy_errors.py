"""Every refusal of the old login is an error with its old code, and the right login works on the same stream after it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", user("old", legacy=True)], conf={"limits.failed_logins": "100"})
    x = t.xmpp(ferry, listener="legacy")
    x.open_stream(version=None)
    expect_error(x.auth_set("alice", "wrong"), "not-authorized", type="auth", code=401)
    expect_error(x.auth_set("nobody", "secret-alice"), "not-authorized", code=401)
    expect_error(x.auth_set("old", "wrong", digest=True), "not-authorized", code=401)
    expect_error(x.auth_set("old", digest=""), "not-acceptable", code=406)
    expect_error(x.auth_set("old", digest="zz"), "not-authorized", code=401)
    # alice was not made with --legacy-digest: nothing here could compute her digest
    expect_error(x.auth_set("alice", "secret-alice", digest=True), "not-authorized", code=401)
    expect_error(x.auth_set("alice", "secret-alice", resource=None), "not-acceptable", type="modify", code=406)
    expect_error(x.auth_set(None, "secret-alice"), "not-acceptable", code=406)
    expect_error(x.auth_set("", "secret-alice"), "not-acceptable", code=406)
    expect_error(x.auth_set("alice"), "not-acceptable", code=406)
    expect_error(x.auth_set("alice", "secret-alice", resource="ferry"), "conflict", code=409)
    eq(x.auth_set("alice", "secret-alice", resource="Höhe 1")["type"], "result")
    x.sync()
