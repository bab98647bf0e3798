"""Row 33: bad base64 is incorrect-encoding; messages that are not of the mechanism are malformed-request."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "100"})
    x = t.xmpp(ferry, tls="direct").open_stream()
    b64 = lambda data: base64.b64encode(data).decode()
    for text in "a", "a===", "AA=", "A A=", "AA==\n", "====", "\u00e4\u00e4\u00e4=", "AB==":
        x.sasl_auth("PLAIN", text)
        ok(x.next().matches("{sasl}failure/incorrect-encoding"), repr(text))
    for mech, message in (("PLAIN", b"alice"), ("PLAIN", b"\0alice"), ("PLAIN", b""), ("SCRAM-SHA-256", b""), ("SCRAM-SHA-1", b"n"),
                          ("SCRAM-SHA-1", b"\0,,n=alice,r=x"), ("SCRAM-SHA-256", b"n,,n=alice"), ("SCRAM-SHA-256", b"n,,n=al=ice,r=x"),
                          ("SCRAM-SHA-256", b"n,,r=x,n=alice"), ("SCRAM-SHA-256", b"q,,n=alice,r=x"), ("SCRAM-SHA-256", bytes(100000))):
        x.sasl_auth(mech, b64(message) or "=")
        ok(x.next().matches("{sasl}failure/malformed-request"), f"{mech} {message[:20]}")
    x.send(f"<response xmlns='{NS['sasl']}'>AA==</response>")  # nobody asked
    x.expect("{sasl}failure/malformed-request")
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
    y = t.xmpp(ferry, tls="direct").open_stream()
    y.send(f"<auth xmlns='{NS['sasl']}' mechanism='PLAIN'>" + "A" * (1 << 20))
    y.expect_stream_error("policy-violation")
    y.expect_close()
