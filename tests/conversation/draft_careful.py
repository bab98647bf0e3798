"""Careful creation: an empty first part, which may be sent again and never costs what has come; an empty last part; an empty file."""
from talk import *
from talk.slots import append, slot


def run(t):
    ferry = t.ferry()
    data = b"careful"
    s = slot(t, ferry, "a", len(data))
    for _ in range(2):
        r = t.put(s.put, b"", {"Upload-Complete": "?0"})
        eq((r.status, r["Upload-Complete"], r["Upload-Offset"], r["Location"]), (201, "?0", "0", s.put_path))
    eq(append(t, s, data, 0, False)["Upload-Offset"], "7")
    r = t.put(s.put, b"", {"Upload-Complete": "?0"})
    eq((r.status, r["Upload-Offset"]), (201, "7"))
    eq(t.get(s.get).status, 404, "whole, but nobody said so")
    eq(append(t, s, b"", 7, True).status, 201)
    eq(t.get(s.get).body, data)
    eq(t.put(s.put, b"", {"Upload-Complete": "?0"}).status, 409)
    s = slot(t, ferry, "b", len(data))
    r = t.put(s.put, data, {"Upload-Complete": "?1"})
    eq((r.status, r["Upload-Complete"]), (201, "?1"), "all at once")
    r = t.put(s.put, data, {"Upload-Complete": "?1"})
    eq((r.status, r["Upload-Complete"]), (201, "?1"), "and again")
