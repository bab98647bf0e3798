"""Row 37: a user who does not exist looks like one with another password: the same fields, a salt that stays the same, the same
refusal."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", user("old", legacy=True)], conf={"limits.failed_logins": "50"})
    x = t.xmpp(ferry, tls="direct").open_stream()

    def first(name, mech):
        s = Scram(mech, name, "no")
        x.sasl_auth(mech, base64.b64encode(s.first().encode()).decode())
        text = base64.b64decode(x.expect("{sasl}challenge").text).decode()
        x.send(f"<response xmlns='{NS['sasl']}'>{base64.b64encode(s.final(text).encode()).decode()}</response>")
        x.expect("{sasl}failure/not-authorized")
        return s.server["s"], s.server["i"], len(s.server["r"]) - len(s.nonce)
    for mech in "SCRAM-SHA-256", "SCRAM-SHA-1":
        real, ghost = first("alice", mech), first("ghost", mech)
        eq(len(ghost[0]), len(real[0]), "length of the salt")
        eq(ghost[1:], real[1:])
        eq(first("ghost", mech), ghost, "the salt of a ghost")
        ok(first("spook", mech)[0] != ghost[0], "two ghosts share a salt")
        first("bad name", mech)
    ok(first("ghost", "SCRAM-SHA-1")[0] != first("ghost", "SCRAM-SHA-256")[0], "both mechanisms share a salt")
    y = t.xmpp(ferry, listener="legacy")
    y.open_stream(version=None)
    shape = lambda who: [c.name for c in y.auth_get(who).find("query").children]
    eq(shape("ghost"), shape("alice"))
    eq(shape("old"), shape("alice"))
    errors = []
    for who in "alice", "ghost":
        e = y.auth_set(who, "no")
        errors.append((e.error, e.find("error").attrs))
    eq(errors[0], errors[1])
