"""require_tls = no: every mechanism without TLS, and STARTTLS is still offered."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"xmpp.require_tls": "no"})
    x = t.xmpp(ferry)
    x.open_stream()
    ok(x.features.find("starttls") is not None and x.features.find("starttls/required") is None, str(x.features))
    eq([m.text for m in x.features.all("mechanisms/mechanism")], ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"])
    t.xmpp(ferry, "alice", tls=None, auth="PLAIN").sync()
    t.xmpp(ferry, "alice", tls=None, auth="SCRAM-SHA-1").sync()
