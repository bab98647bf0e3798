"""Row 88: 100-continue comes only for a PUT that will be taken; an unknown expectation gets 417."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.txt", 5)
    h = t.http(ferry)
    h.request("PUT", "/u/x/a.txt", {"Expect": "100-continue", "Content-Length": 5})
    eq(h.response(interim=True).status, 403)
    h.closed()
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Expect": "miracles", "Content-Length": 5})
    eq(h.response(interim=True).status, 417)
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Expect": "100-Continue", "Content-Length": 5})
    eq(h.response(interim=True).status, 100)
    h.write(b"12345")
    eq(h.response().status, 201)
