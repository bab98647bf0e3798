"""Row 39: one failure more than limits.failed_logins ends the stream with policy-violation; the account is not locked, and an
address with many failures is slowed down."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "2", "limits.unauthenticated": "60s"})
    x = t.xmpp(ferry, tls="direct").open_stream()
    for _ in range(2):
        ok(x.sasl("PLAIN", "alice", "wrong").matches("{sasl}failure/not-authorized"))
    ok(x.sasl("PLAIN", "alice", "wrong").matches("{sasl}failure/not-authorized"))
    x.expect_stream_error("policy-violation")
    x.expect_close()
    begun = time.monotonic()
    t.xmpp(ferry, "alice").sync()  # the account is open, but this address waits for it
    ok(time.monotonic() - begun > 1, "the address is not slowed down")
    y = t.xmpp(ferry, listener="legacy", source="127.0.0.8")
    y.open_stream(version=None)
    for _ in range(3):
        expect_error(y.auth_set("alice", "wrong"), "not-authorized", code=401)
    y.expect_stream_error("policy-violation")
    y.expect_close()
    # From another address nobody waits for that.
    begun = time.monotonic()
    t.xmpp(ferry, "alice", source="127.0.0.9").sync()
    ok(time.monotonic() - begun < 5, "another address is slowed down too")
