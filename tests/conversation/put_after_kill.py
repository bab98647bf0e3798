"""A kill between a small file's name and its row leaves a file that nobody was told of, with the very name that the same upload has when
it comes again. Whichever way it comes, and before anything has been compared, it is stored; what was left is in quarantine."""
import os

from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    for expect in ({}, {"Expect": "100-continue"}):  # stored at once, and claimed first
        s = slot(t, ferry, "again.bin", 10)
        with open(os.path.join(ferry.spool, "data", s.id[0], s.id + ".1"), "wb") as f:
            f.write(b"left")
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Content-Length": 10, **expect})
        if expect:
            eq(h.response(interim=True).status, 100)
        h.write(b"0123456789")
        eq(h.response().status, 201)
        eq(t.get(s.get).body, b"0123456789")
        eq(sorted(f for f in ferry.spool_files() if s.id in f), [f"data/{s.id[0]}/{s.id}.1", f"quarantine/{s.id}.1"])
    eq(ferry.ctl("fsck").code, 0)
