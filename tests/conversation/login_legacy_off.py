"""Without legacy_auth the old login is not there on listen and listen_tls: service-unavailable, never a result."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, tls="direct")
    x.open_stream()
    eq(x.features.find(f"{{{NS['authf']}}}auth"), None)
    expect_error(x.auth_get("alice"), "service-unavailable", code=503)
    expect_error(x.auth_set("alice", "secret-alice"), "service-unavailable", code=503)
