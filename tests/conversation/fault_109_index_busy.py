"""Row 109: while another program holds the index an upload is told to come back (503), what is stored is served, and it goes on after."""
from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry()
    old, s = store(t, ferry, "old.txt", b"old"), slot(t, ferry, "a.txt", 5)
    held = ferry.hold_index()
    r = t.put(s.put, b"12345")
    ok(r.status == 503 and r["Retry-After"], f"{r}")
    eq(t.get(old.get).body, b"old")
    held.close()
    eq(t.put(s.put, b"12345").status, 201)
    ferry.ctl("fsck")
