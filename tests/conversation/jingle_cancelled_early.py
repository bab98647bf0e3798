"""A sender who ends his Jingle session while storage is still being asked about it, be it whether the file may come, or what is kept of it:
he is answered, nothing comes of it, and nothing is left. The rounds are many since the moment is short."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    to = "bob@localhost/away"
    for _ in range(60):  # behind the answer to the session-initiate
        j = alice.jingle(to, "a.bin", b"12345", hash=True, file_extra="<range/>")
        eq(j.answer()["type"], "result")
        eq(j.terminate("cancel")["type"], "result")
    bob = t.xmpp(ferry, "bob", resource="desk")
    for i in range(60):  # while Ferry takes it from a client that cannot
        j = alice.jingle(bob.jid, "a.bin", b"12345", hash=True)
        seen = bob.expect_jingle()
        bob.result(seen.el)
        eq(j.answer()["type"], "result")
        seen.terminate("unsupported-applications", wait=False)
        eq(j.terminate("cancel")["type"], "result")
    bob.end()
    ok(not ferry.ctl("ls", "--all").rows)
