"""Row 16: more sessions of one user than limits.sessions_per_user: resource-constraint with resource-limit-exceeded; a replaced
resource does not count twice."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.sessions_per_user": "2"})
    a, b = t.xmpp(ferry, "alice", resource="a"), t.xmpp(ferry, "alice", resource="b")
    x = t.xmpp(ferry, tls="direct").open_stream()
    x.sasl("PLAIN", "alice", "secret-alice")
    x.open_stream()
    expect_error(x.bind("c"), "resource-constraint", type="wait", app="{urn:xmpp:errors}resource-limit-exceeded")
    eq(x.bind("b")["type"], "result")
    b.expect_stream_error("conflict")
    a.sync()
    a.end()
    t.xmpp(ferry, "alice", resource="d").sync()
