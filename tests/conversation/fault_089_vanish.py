"""Row 89: a client that vanishes in the middle of a PUT leaves no file, only bytes to go on from; the same slot works afterwards."""
from talk import *
from talk.slots import drip, slot


def run(t):
    ferry = t.ferry()
    size = 400_000
    data = b"d" * size
    s = slot(t, ferry, "a.bin", size)
    for i, end in enumerate(("abort", "close", "shut")):
        h = t.http(ferry, name=end)
        h.request("PUT", s.put_path, {"Content-Length": size, "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(data[:65536 * (i + 1)], quiet=True)
        getattr(h, end)()
    eq(t.head(s.get).status, 404, "a GET may read along, but there is no file")
    eq(t.put(s.put, data).status, 201)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "the unfinished files to go")
    eq(t.get(s.get).body, data)
