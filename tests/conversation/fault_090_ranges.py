"""Row 90, C40: every form of Range; many or faulty ones get the whole file, those past the end 416 with the size; by every way
in."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(ways=True)
    data = bytes(range(256)) * 20
    size = len(data)
    s = store(t, ferry, "a.bin", data)
    for way in HTTP_WAYS:
        every_form(t.http(ferry, way=way), s, data, size)


def every_form(h, s, data, size):
    def ask(value, status):
        h.request("GET", s.get_path, {"Range": value})
        r = h.expect_status(status)
        return r
    for value, first, last in (("bytes=0-", 0, size - 1), ("bytes=5-9", 5, 9), ("bytes=-7", size - 7, size - 1), (f"bytes={size - 1}-", size - 1, size - 1),
                               ("bytes=100-999999999", 100, size - 1), ("bytes=0-3,2-9", 0, 9), ("bytes=-999999999", 0, size - 1),
                               ("bytes=0-18446744073709551616", 0, size - 1)):
        r = ask(value, 206)
        eq(r.body, data[first:last + 1], value)
        eq(r["Content-Range"], f"bytes {first}-{last}/{size}", value)
        eq(r["Content-Length"], str(last + 1 - first))
    for value in ("bytes=5-2", "x=0-1", "bytes=", "bytes=a-b", "bytes=0-0,9-9", "bytes=0-" + ",5-" * 1000, "bytes=-"):
        eq(ask(value, 200).body, data, value[:30])
    for value in (f"bytes={size}-", "bytes=-0", "bytes=18446744073709551616-"):
        eq(ask(value, 416)["Content-Range"], f"bytes */{size}", value)
    h.request("HEAD", s.get_path, {"Range": "bytes=0-1"})
    eq(h.expect_status(200)["Content-Length"], str(size), "Range is for GET")
