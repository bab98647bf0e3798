"""<abort/> ends an exchange; the next one may begin."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, tls="direct")
    x.open_stream().sasl_auth("SCRAM-SHA-256")
    x.expect("{sasl}challenge")
    x.send(f"<abort xmlns='{NS['sasl']}'/>")
    x.expect("{sasl}failure/aborted")
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
