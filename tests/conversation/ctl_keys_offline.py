"""`keys ls` and `keys rotate` work without a daemon too; a key file that went astray is told and left alone."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], start=False)
    key = os.path.join(ferry.spool, "key")
    out = ferry.ctl("keys", "rotate").dict
    eq([r["id"] for r in ferry.ctl("keys", "ls", "--json").objects if r["state"] == "seals" and r["use"] == "slots"], [out["id"]])
    eq(os.stat(key).st_mode & 0o777, 0o600)
    ferry.start()
    alice = t.xmpp(ferry, "alice")
    put, _, _ = alice.slot("a.txt", 3)
    os.rename(key, key + ".away")
    r = ferry.ctl("keys", "rotate", code=5)
    ok("key file" in r.err, r.err)
    ok(not os.path.exists(key), "nothing was put in its place")
    os.rename(key + ".away", key)
    eq(t.put(put, b"abc").status, 201)
    ferry.ctl("keys", "rotate")
