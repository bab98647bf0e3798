"""Who is blocked, removed or given another password is logged out at once; others stay."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for words, stdin in ((("passwd",), "secret-bob\n"), (("block",), None), (("rm",), None)):
        sessions = [t.xmpp(ferry, "bob", resource=r) for r in ("one", "two")]
        ferry.ctl("user", *words, "bob@localhost", stdin=stdin)
        for bob in sessions:
            bob.expect_stream_error("not-authorized")
            bob.expect_close()
        if words == ("block",):
            ferry.ctl("user", "block", "bob@localhost", "--off")
    alice.sync()
    eq([row[0] for row in ferry.ctl("session", "ls").rows if "bob@" in "".join(row)], [])
