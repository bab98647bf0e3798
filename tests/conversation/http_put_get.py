"""A slot takes exactly its file, answers 201 with Location and Ferry-Delete, and GET gives equal bytes with HEAD's headers."""
from talk import *
from talk.slots import slot, store
import os


def run(t):
    ferry = t.ferry()
    for size in (1, 4096, 300_000):
        data = os.urandom(size)
        s = store(t, ferry, "bytes.bin", data)
        ok(s.created["Ferry-Delete"], "a delete token")
        r = t.get(s.get)
        eq(r.status, 200)
        eq(r.body, data, "bytes")
        h = t.head(s.get)
        eq(h.status, 200)
        drop = ("date",)
        eq([p for p in h.headers if p[0].lower() not in drop], [p for p in r.headers if p[0].lower() not in drop], "HEAD is GET without a body")
        eq(t.put(s.put, bytes(size)).status, 409)
        eq(t.get(s.get).body, data, "unchanged")
    s = slot(t, ferry, "later.txt", 5)
    eq(t.get(s.get).status, 404)
    ok(t.get(s.get)["Retry-After"], "not yet: come again")
