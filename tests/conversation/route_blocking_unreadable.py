"""Who cannot be given his roster and block list is not bound: with empty ones he would hear those he blocked."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"xmpp.require_tls": "no"})
    for table in "block", "roster":
        x = t.xmpp(ferry, name=table)
        x.open_stream()
        eq(x.sasl("SCRAM-SHA-256", "bob", "secret-bob").name, "success")
        x.open_stream()
        db = ferry.index()
        db.execute(f"ALTER TABLE {table} RENAME TO away")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/>"
        el = x.answer(x.send_iq("set", bind))
        eq(el["type"], "error", el.xml())
        db.execute(f"ALTER TABLE away RENAME TO {table}")
        db.close()
        eq(x.answer(x.send_iq("set", bind))["type"], "result")
        x.end()
