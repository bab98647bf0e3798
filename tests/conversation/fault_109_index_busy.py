"""Row 109: while another program holds the index an upload is told to come back (503), what is stored is served, and it goes on after."""
import os
import sqlite3

from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry()
    old, s = store(t, ferry, "old.txt", b"old"), slot(t, ferry, "a.txt", 5)
    db = sqlite3.connect(os.path.join(ferry.spool, "index.db"), timeout=20, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    r = t.put(s.put, b"12345")
    ok(r.status == 503 and r["Retry-After"], f"{r}")
    eq(t.get(old.get).body, b"old")
    db.execute("ROLLBACK")
    db.close()
    eq(t.put(s.put, b"12345").status, 201)
    ferry.ctl("fsck")
