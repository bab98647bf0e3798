"""Row 34: an authorisation identity that is not the user is invalid-authzid, in all mechanisms; the session is the verified
user's."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.failed_logins": "50"})
    x = t.xmpp(ferry, tls="direct").open_stream()
    for authzid in "bob@localhost", "bob", "alice@elsewhere", "alice@localhost/desk", "alice@localhost/", "@", "localhost":
        x.sasl_auth("PLAIN", base64.b64encode(f"{authzid}\0alice\0secret-alice".encode()).decode())
        ok(x.next().matches("{sasl}failure/invalid-authzid"), authzid)
        s = Scram("SCRAM-SHA-256", "alice", "secret-alice", gs2=f"n,a={authzid},")
        ok(x.sasl("SCRAM-SHA-256", "alice", None, s).matches("{sasl}failure/invalid-authzid"), authzid)
    s = Scram("SCRAM-SHA-1", "alice", "secret-alice", gs2="n,a=alice@localhost,")
    ok(x.sasl("SCRAM-SHA-1", "alice", None, s).matches("{sasl}success"), "no success")
    x.open_stream().bind("r")
    eq(x.jid, "alice@localhost/r")
