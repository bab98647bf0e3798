"""What a stream offers follows its listener, TLS and the login: STARTTLS required, then mechanisms, then bind, session and
stream management."""
from talk import *


def names(x):
    return {c.name for c in x.features.children}


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry)
    x.open_stream()
    eq(names(x), {"starttls"})
    ok(x.features.find("starttls/required") is not None, "TLS is not required")
    x.starttls().open_stream()
    eq(names(x), {"mechanisms"})
    eq([m.text for m in x.features.all("mechanisms/mechanism")], ["SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"])
    first = x.stream_id
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
    x.open_stream()
    ok(x.stream_id != first, "the stream id did not change")
    ok(names(x) >= {"bind", "session", "sm"} and not names(x) & {"mechanisms", "starttls", "auth"}, str(x.features))
    x.bind("r")
    eq(x.iq_set("<session xmlns='urn:ietf:params:xml:ns:xmpp-session'/>")["type"], "result")
    legacy = t.xmpp(ferry, listener="legacy")
    legacy.open_stream()
    eq(names(legacy), {"auth"})
