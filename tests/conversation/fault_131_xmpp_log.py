"""Row 131: what a client names in an offer never breaks or forges a log line, and no password or proof is logged."""
from talk import *

EVIL = 'x" why=stored user="root&#10;2026-01-01 FORGED &#x202e;\\'


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"xmpp.require_tls": "no"})
    mark = ferry.log_mark()
    alice = t.xmpp(ferry, "alice", tls=None, auth="PLAIN", resource='a"b')
    alice.iq_set(f"<si xmlns='http://jabber.org/protocol/si' id='{EVIL}' profile='http://jabber.org/protocol/si/profile/file-transfer'>"
                 f"<file xmlns='http://jabber.org/protocol/si/profile/file-transfer' name='{EVIL}' size='3'/>"
                 "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'>"
                 "<field var='stream-method' type='list-single'><option><value>http://jabber.org/protocol/ibb</value></option>"
                 "</field></x></feature></si>", to="bob@localhost")
    t.xmpp(ferry, "bob", tls=None, auth="SCRAM-SHA-1").sync()
    ferry.log_expect(r"offer accepted", since=mark)
    lines = ferry.log[mark:] if isinstance(mark, int) else ferry.log
    log = "\n".join(lines)
    ok("secret-alice" not in log and "secret-bob" not in log, "no password")
    ok("\u202e" not in log, "no character that turns a line round")
    ok(not [l for l in lines if l.startswith("2026-01-01")], "no line of his own")
    offers = [l for l in lines if " offer " in l and "sid=" in l]
    ok(offers, "lines about the offer")
    for l in offers:
        ok('sid="x" why=' not in l, f"the quotation mark ends his text: {l}")
