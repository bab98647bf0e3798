"""Row 42: while the accounts cannot be read a login gets temporary-auth-failure; who is logged in does not notice."""
from talk import *


def attempt(t, ferry, mech):
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    el = x.sasl(mech, "bob", "secret-bob")
    x.close()
    return el


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, other = t.xmpp(ferry, "alice", resource="one"), t.xmpp(ferry, "alice", resource="two")
    db = ferry.index()
    db.execute("ALTER TABLE account RENAME TO account_away")
    for mech in ("PLAIN", "SCRAM-SHA-256"):
        el = attempt(t, ferry, mech)
        ok(el.matches("{sasl}failure/temporary-auth-failure"), el.xml())
    alice.message(other.jid, "still here")
    other.take("message", body="still here")
    db.execute("ALTER TABLE account_away RENAME TO account")
    db.close()
    ok(attempt(t, ferry, "PLAIN").matches("{sasl}success"), "it works again, without a restart")
