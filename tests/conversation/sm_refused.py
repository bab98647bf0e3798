"""XEP-0198 out of place: before bind, twice, resume (then the client binds anew on the same stream), r and a without enable."""
from talk import *

SM = "urn:xmpp:sm:3"


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, tls="direct").open_stream()
    x.send(f"<enable xmlns='{SM}'/>")
    x.expect("{sm}failed/{stanzas}unexpected-request")
    x.sasl("PLAIN", "alice", "secret-alice")
    x.open_stream()
    ok(x.features.find("{sm}sm") is not None, "not offered")
    x.send(f"<resume xmlns='{SM}' previd='x' h='3'/>")
    x.expect("{sm}failed/{stanzas}item-not-found")
    eq(x.bind("r")["type"], "result")
    x.send(f"<r xmlns='{SM}'/>")
    x.expect("{sm}failed/{stanzas}unexpected-request")
    x.sm_enable()
    x.send(f"<enable xmlns='{SM}'/>")
    x.expect("{sm}failed/{stanzas}unexpected-request")
    x.sync()
