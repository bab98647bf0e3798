"""Row 12: <starttls/> where it was not offered is answered by <failure/> and the end: inside TLS, on the legacy listener, after the
login without TLS."""
from talk import *

TLS = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"


def refused(x):
    x.send(TLS)
    x.expect("{tls}failure", skip=("*",))
    x.expect_close(tag=True)


def run(t):
    ferry = t.ferry(users=["alice"], conf={"xmpp.require_tls": "no"})
    refused(t.xmpp(ferry, tls="direct").open_stream())
    refused(t.xmpp(ferry).open_stream().starttls().open_stream())
    refused(t.xmpp(ferry, listener="legacy").open_stream())
    refused(t.xmpp(ferry, "alice", tls=None, auth="PLAIN"))
    x = t.xmpp(ferry).open_stream()
    x.sasl_auth("SCRAM-SHA-1")
    x.expect("{sasl}challenge")
    refused(x)
