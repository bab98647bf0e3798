"""Binding: a given resource, one that is made up, a reserved one, a bad one, a second bind."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])

    def fresh():
        x = t.xmpp(ferry, tls="direct")
        x.open_stream()
        ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
        return x.open_stream()
    x = fresh()
    expect_error(x.bind("ferry"), "conflict")
    expect_error(x.bind("x" * 1024), "jid-malformed")
    eq(x.bind("Höhe 1")["type"], "result")
    eq(x.jid, "alice@localhost/Höhe 1")
    expect_error(x.iq_set(f"<bind xmlns='{NS['bind']}'><resource>b</resource></bind>"), "not-allowed")
    x.sync()
    a, b = fresh(), fresh()
    a.bind(), b.bind()
    ok(len(a.resource) >= 8 and a.resource != b.resource, f"{a.resource} {b.resource}")
