"""Who asks where an upload stands gets an answer that holds: a request that still brings bytes is ended first, and PATCH is taken at
the offset that was told."""
import os

from talk import *
from talk.slots import append, offset, slot


def run(t):
    ferry = t.ferry()
    data = os.urandom(400_000)
    s = slot(t, ferry, "a", len(data))
    old = t.http(ferry, name="old")
    old.request("PUT", s.put_path, {"Upload-Complete": "?1", "Content-Length": len(data), "Expect": "100-continue"})
    eq(old.response(interim=True).status, 100)
    old.write(data[:150_000], quiet=True)
    at = offset(t, s)
    old.write(data[150_000:], quiet=True)
    eq(old.response().status, 409)
    eq(offset(t, s), at, "not a byte more")
    eq(append(t, s, data[at:], at, True).status, 201)
    eq(t.get(s.get).body, data)
