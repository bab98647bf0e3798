"""DELETE of an upload ends it: bytes and quota go, later requests find it gone. A stored file is not deleted that way."""
from talk import *
from talk.slots import append, drip, slot, store


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a", 10)
    eq(t.delete(s.put).status, 404, "nothing has begun")
    eq(t.put(s.put, b"0123", {"Upload-Complete": "?0"}).status, 201)
    eq(t.delete(s.put).status, 204)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "its bytes to go")
    for r in (t.head(s.put), append(t, s, b"456789", 4, True), t.put(s.put, b"0123456789")):
        eq(r.status, 410)
    eq(ferry.ctl("fsck").code, 0)
    s = store(t, ferry, "b", b"stored")
    eq(t.delete(s.put).status, 409)
    eq(t.get(s.get).body, b"stored")
