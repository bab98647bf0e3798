"""Row 75: a Content-Length that is not the slot's size is refused before 100-continue, by every way in: 413 above, 400 below, 411 without."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(ways=True)
    for way in HTTP_WAYS:
        s = slot(t, ferry, "a.txt", 100)
        for length, status in ((101, 413), (10**12, 413), (99, 400), (0, 400), (None, 411)):
            h = t.http(ferry, way=way)
            h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": length})
            eq(h.response(interim=way in OWN_WAYS).status, status, f"{way}: {length}")  # nginx says 100 by itself
            if way in OWN_WAYS:
                h.closed()
        h = t.http(ferry, way=way)
        h.request("PUT", s.put_path, {"Content-Length": 101})
        h.write(b"x" * 101)
        eq(h.response().status, 413, "and readable by a client that sends its body at once")
        eq(t.http(ferry, way=way).request("PUT", s.put_path, {}, b"x" * 100).response().status, 201, "the slot is still good")
