"""Row 100: 1000 requests in one go are answered in order, in bounded memory."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(mode="plain")
    data = bytes(range(200))
    s = store(t, ferry, "a.bin", data)
    before = ferry.rss_kb()
    h = t.http(ferry)
    h.quiet = True
    h.write(b"".join(f"GET {s.get_path} HTTP/1.1\r\nHost: {h.host}\r\nRange: bytes={i % 200}-{i % 200}\r\n\r\n".encode() for i in range(1000)), quiet=True)
    for i in range(1000):
        h.method = "GET"
        eq(h.expect_status(206).body, data[i % 200:i % 200 + 1])
    ok(ferry.rss_kb() - before < 3000, f"memory grew by {ferry.rss_kb() - before} kB")
