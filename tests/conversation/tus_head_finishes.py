"""A tus client takes an offset at the end for success: so HEAD makes the file first when all bytes are here and nobody has said so, and
tells of a failure instead of an offset."""
from talk import *
from talk.slots import TUS, offset, slot


def run(t):
    ferry = t.ferry(users=["alice"])
    data = b"0123456789"
    s = slot(t, ferry, "a", 10)
    eq(t.put(s.put, data, {"Upload-Complete": "?0"}).status, 201)
    ferry.restart(kill=True)
    eq((offset(t, s), t.get(s.get).status), (10, 404), "all here, and no file yet")
    for _ in range(2):
        r = t.head(s.put, TUS)
        eq((r.status, r["Upload-Offset"], r["Upload-Length"]), (200, "10", "10"))
        eq(t.get(s.get).body, data)
    s = slot(t, ferry, "empty", 0)
    eq(t.head(s.put, TUS)["Upload-Offset"], "0")
    eq(t.get(s.get).status, 200, "an empty file needs no PATCH")
