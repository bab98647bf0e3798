"""Requests on one connection are answered in order, pipelined ones too, and a refusal without a body does not end it."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"0123456789")
    h = t.http(ferry)
    one = f"GET {s.get_path} HTTP/1.1\r\nHost: {h.host}\r\nRange: bytes=%d-%d\r\n\r\n"
    h.write("".join(one % (i, i) for i in range(10)).encode())
    for i in range(10):
        eq(h.expect_status(206).body, b"0123456789"[i:i + 1])
    h.request("GET", "/nothing")
    h.expect_status(404)
    h.request("POST", "/livez", body=b"")
    h.expect_status(405)
    h.request("BREW", s.get_path)
    h.expect_status(501)
    h.request("GET", s.get_path, {"Host": "elsewhere.example"})
    h.expect_status(421)
    h.request("GET", s.get_path)
    h.expect_status(200)
    h.request("GET", s.get_path, {"Connection": "close"})
    h.expect_status(200)
    h.closed()
