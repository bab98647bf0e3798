"""Row 89: a client that vanishes in the middle of a PUT, by any way in, leaves no file, only bytes to go on from; the same slot works
afterwards."""
from talk import *
from talk.slots import drip, slot


def run(t):
    ferry = t.ferry(ways=True)
    size = 400_000
    data = b"d" * size
    for way in HTTP_WAYS:
        s, mark = slot(t, ferry, "a.bin", size), ferry.log_mark()
        for i, end in enumerate(("abort", "close", "shut") if way in DIRECT_WAYS else ("abort", "close")):
            h = t.http(ferry, way=way)
            h.request("PUT", s.put_path, {"Content-Length": size, "Expect": "100-continue"})
            eq(h.response(interim=True).status, 100)
            h.write(data[:65536 * (i + 1)], quiet=True)
            ferry.log_expect(rf" transfer claimed attempt={i + 1} ", since=mark)  # nginx may bring it later than who comes next
            getattr(h, end)()
        eq(t.head(s.get).status, 404, way)
        eq(t.http(ferry, way=way).request("PUT", s.put_path, {}, data).response().status, 201, way)
        ok(t.get(s.get).body == data, way)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "the unfinished files to go")
