"""Row 75: a Content-Length that is not the slot's size is refused before 100-continue: 413 above, 400 below, 411 without."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.txt", 100)
    for length, status in ((101, 413), (10**12, 413), (99, 400), (0, 400), (None, 411)):
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": length})
        eq(h.response(interim=True).status, status, f"{length}")
        h.closed()
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Content-Length": 101})
    h.write(b"x" * 101)
    eq(h.response().status, 413, "and readable by a client that sends its body at once")
    eq(t.put(s.put, b"x" * 100).status, 201, "the slot is still good")
