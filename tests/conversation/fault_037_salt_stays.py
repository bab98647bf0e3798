"""Row 37: the salt of a user who does not exist is the same after a restart: a real one's is too."""
import base64

from talk import *


def salt(t, ferry, mech, name):
    x = t.xmpp(ferry, tls="direct").open_stream()
    s = Scram(mech, name, "wrong")
    x.sasl_auth(mech, base64.b64encode(s.first().encode()).decode())
    s.final(base64.b64decode(x.expect("{sasl}challenge").text).decode())
    x.close()
    return s.server["s"]


def run(t):
    ferry = t.ferry(users=["alice"])
    asked = [(mech, name) for mech in ("SCRAM-SHA-1", "SCRAM-SHA-256") for name in ("alice", "ghost")]
    before = [salt(t, ferry, *a) for a in asked]
    ferry.restart()
    eq([salt(t, ferry, *a) for a in asked], before)
