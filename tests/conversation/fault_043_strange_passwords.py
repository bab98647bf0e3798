"""Row 43: a password with NUL in it, of 64 KiB, or not normalised: not-authorized (never cut to the right one); SASLprep equals are
equal."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", user("bea", password="p\u00e4ss \u2168")], conf={"limits.failed_logins": "50"})
    x = t.xmpp(ferry, tls="direct").open_stream()

    def plain(name, password):
        x.sasl_auth("PLAIN", base64.b64encode(b"\0" + name.encode() + b"\0" + password).decode())
        return x.next()
    right = b"secret-alice"
    for wrong in (right + b"\0", right + b"\0x", b"", b"\0", right + b" ", right[:-1], right + b"x" * 65536, b"x" * 65536, b"\xff\xfe",
                  right + b"\x07", b"Secret-alice", right * 30):
        ok(plain("alice", wrong).matches("{sasl}failure/not-authorized"), repr(wrong[:30]))
    ok(plain("bea", "pa\u0308ss\u00a0IX".encode()).matches("{sasl}success"), "SASLprep equals are not equal")
    x.close()
    y = t.xmpp(ferry, listener="legacy")
    y.open_stream(version=None)
    expect_error(y.auth_set("alice", "x" * 65536), "not-authorized", code=401)
    eq(y.auth_set("alice", "secret-alice")["type"], "result")
