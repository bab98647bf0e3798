"""Row 35: with require_tls = yes no login before TLS: not offered; encryption-required; 406 in the old login."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"xmpp.legacy_auth": "password,digest"})
    x = t.xmpp(ferry).open_stream()
    eq({c.name for c in x.features.children}, {"starttls"})
    for mech in "PLAIN", "SCRAM-SHA-256":
        x.sasl_auth(mech, "AGFsaWNlAHNlY3JldC1hbGljZQ==")
        x.expect("{sasl}failure/encryption-required")
    expect_error(x.auth_set("alice", "secret-alice"), "not-acceptable", code=406)
    y = t.xmpp(ferry)
    y.open_stream(version=None)
    expect_error(y.auth_set("alice", "secret-alice"), "not-acceptable", code=406)
