"""Two PATCHes at one offset, and a PATCH while a PUT runs: the later one has the upload, the other 409; bytes are never mixed."""
import os

from talk import *
from talk.slots import PART, append, offset, slot

SIZE = 400_000


def begin(t, ferry, s, method, name, **headers):
    h = t.http(ferry, name=name)
    h.request(method, s.put_path, {"Expect": "100-continue", **headers})
    eq(h.response(interim=True).status, 100, name)
    return h


def run(t):
    ferry = t.ferry()
    data, other = os.urandom(SIZE), os.urandom(SIZE)
    s = slot(t, ferry, "a", SIZE)
    eq(t.put(s.put, data[:100_000], {"Upload-Complete": "?0"}).status, 201)
    part = {"Content-Type": PART, "Upload-Offset": 100_000, "Upload-Complete": "?1", "Content-Length": SIZE - 100_000}
    one, two = begin(t, ferry, s, "PATCH", "one", **part), begin(t, ferry, s, "PATCH", "two", **part)
    one.write(other[100_000:], quiet=True)
    two.write(data[100_000:], quiet=True)
    eq((one.response().status, two.response().status), (409, 201))
    eq(t.get(s.get).body, data)

    s = slot(t, ferry, "b", SIZE)
    put = begin(t, ferry, s, "PUT", "put", **{"Content-Length": SIZE})
    put.write(other[:50_000], quiet=True)
    eq(append(t, s, b"", 1, False).status, 409, "the PUT is ended, and tells where it stood")
    at = offset(t, s)
    ok(at <= 50_000, f"{at}")
    put.write(other[50_000:], quiet=True)
    eq(put.response().status, 409)
    eq(append(t, s, other[at:], at, True).status, 201)
    eq(t.get(s.get).body, other)
    eq(ferry.ctl("fsck").code, 0)
