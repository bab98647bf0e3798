"""Row 72: the commit fails behind the last block: close gets an error, never a result; the sender is told, nothing is listed."""
import os
import shutil

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    ferry.may_fail = True
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"0123456789", methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid)
    alice.ibb_blocks("bob@localhost", offer.sid, b"0123456789")
    for entry in os.listdir(ferry.spool):
        path = os.path.join(ferry.spool, entry)
        if os.path.isdir(path):
            shutil.rmtree(path)
    el = alice.ibb_close("bob@localhost", offer.sid)
    eq(el["type"], "error")
    ok(el.error in ("internal-server-error", "resource-constraint"), f"the condition is {el.error}")
