"""A plain PUT whose connection breaks keeps its bytes: HEAD tells how many, PATCH goes on there, and a plain PUT starts again from 0."""
import os

from talk import *
from talk.slots import append, drip, offset, slot

SIZE = 500_000


def broken(t, ferry, data):
    s = slot(t, ferry, "broken.bin", SIZE)
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Content-Length": SIZE, "Expect": "100-continue"})
    eq(h.response(interim=True).status, 100)
    h.write(data[:200_000], quiet=True)
    mark = ferry.log_mark()
    h.shut()
    ferry.log_expect("transfer kept", since=mark)
    at = offset(t, s)
    ok(at <= 200_000, "no more than was sent")
    return s, at


def run(t):
    ferry = t.ferry()
    data, other = os.urandom(SIZE), os.urandom(SIZE)
    s, at = broken(t, ferry, data)
    eq(t.get(s.get).status, 404, "half a file is no file")
    eq(append(t, s, data[at:], at, True).status, 201)
    eq(t.get(s.get).body, data)
    s, at = broken(t, ferry, data)
    eq(t.put(s.put, other).status, 201)
    eq(t.get(s.get).body, other, "from 0")
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "what was kept to go")
    eq(ferry.ctl("fsck").code, 0)
