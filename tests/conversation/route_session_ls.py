"""`ferryctl session ls` lists the clients that are logged in."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice", resource="x"), t.xmpp(ferry, "bob", resource="y")
    rows = {o["jid"]: o for o in ferry.ctl("session", "ls", "--json").objects}
    eq(sorted(rows), [alice.jid, bob.jid])
    eq(rows[alice.jid]["tls"], True)
    ok(rows[alice.jid]["address"].startswith("127.0.0.1:"), "address")
    bob.end()
    eq([o["jid"] for o in ferry.ctl("session", "ls", "--json").objects], [alice.jid])
