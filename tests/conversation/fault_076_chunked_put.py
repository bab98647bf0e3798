"""Row 76: a chunked PUT is refused with 411: a slot is for an exact length."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.txt", 5)
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Transfer-Encoding": "chunked", "Expect": "100-continue"})
    eq(h.response(interim=True).status, 411)
    h.closed()
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Transfer-Encoding": "chunked"})
    h.write(b"5\r\n12345\r\n0\r\n\r\n")
    eq(h.response().status, 411)
    eq(t.put(s.put, b"12345").status, 201)
