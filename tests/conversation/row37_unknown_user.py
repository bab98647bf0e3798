"""Row 37: a login as somebody who does not exist looks like one with a wrong password: same fields, and a salt that is always
the same for the name, after a restart too."""
import base64

from talk import *


def challenge(t, ferry, mech, name):
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    scram = Scram(mech, name, "wrong")
    x.sasl_auth(mech, base64.b64encode(scram.first().encode()).decode())
    first = base64.b64decode(x.next().text).decode()
    fields = dict(part.split("=", 1) for part in first.split(","))
    ok(fields["r"].startswith(scram.nonce), first)
    x.write(f"<response xmlns='{NS['sasl']}'>{base64.b64encode(scram.final(first).encode()).decode()}</response>")
    failure = x.next()
    ok(failure.matches("{sasl}failure/not-authorized"), failure.xml())
    x.close()
    return fields["s"], fields["i"], sorted(fields), failure.xml()


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "50"})
    salts = {}
    for mech in ("SCRAM-SHA-1", "SCRAM-SHA-256"):
        known, nobody = challenge(t, ferry, mech, "alice"), challenge(t, ferry, mech, "nobody")
        eq(nobody[1:], known[1:], "the same rounds, fields and words")
        eq(len(base64.b64decode(nobody[0])), len(base64.b64decode(known[0])))
        eq(challenge(t, ferry, mech, "nobody")[0], nobody[0], "the salt stays")
        ok(challenge(t, ferry, mech, "nobody2")[0] != nobody[0], "each name its own")
        salts[mech] = nobody[0]
    ok(len(set(salts.values())) == 2, "each mechanism its own")
    ferry.restart()
    for mech, salt in salts.items():
        eq(challenge(t, ferry, mech, "nobody")[0], salt, "after a restart too")
