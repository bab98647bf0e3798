"""Repr-Digest of a file in parts is held against the whole, at its end: a wrong one stores nothing, and says so as the answer to the
whole."""
from talk import *
from talk.slots import append, digest, offset, slot


def run(t):
    ferry = t.ferry()
    data = b"0123456789"
    s = slot(t, ferry, "a", 10)
    eq(t.put(s.put, data[:4], {"Upload-Complete": "?0"}).status, 201)
    r = append(t, s, data[4:], 4, True, **digest(b"other"))
    eq((r.status, r["Upload-Complete"], r.json["type"]), (400, "?1", "urn:ferry:problem:hash-mismatch"))
    eq(t.get(s.get).status, 404)
    eq(offset(t, s), 0)
    eq(t.put(s.put, data[:4], {"Upload-Complete": "?0"}).status, 201)
    eq(append(t, s, data[4:], 4, True, **digest(data)).status, 201)
    eq(t.get(s.get).body, data)
