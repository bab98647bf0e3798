"""Row 32: an unknown or unoffered mechanism is invalid-mechanism."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "50"})
    x = t.xmpp(ferry, tls="direct").open_stream()
    for mech in "ANONYMOUS", "EXTERNAL", "SCRAM-SHA-256-PLUS", "SCRAM-SHA-512", "DIGEST-MD5", "LOGIN", "plain", "", "x" * 2000:
        x.sasl_auth(mech, "AA==")
        x.expect("{sasl}failure/invalid-mechanism")
    x.send(f"<auth xmlns='{NS['sasl']}'/>")
    x.expect("{sasl}failure/invalid-mechanism")
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
    y = t.xmpp(ferry, listener="legacy").open_stream()
    y.sasl_auth("PLAIN", "AA==")
    y.expect("{sasl}failure/invalid-mechanism")
