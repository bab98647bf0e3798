"""Uploads through nginx (contrib/nginx.conf): 100 MiB stream through it, refusals come back before the body, a chunked body without a
length and one that breaks off are what they are without it, and its temporary folder stays empty."""
import hashlib
import os

from talk import *
from talk.servers import in_front
from talk.slots import slot

TIME_LIMIT = 180


def run(t):
    nginx, ferry = in_front(t, conf={"storage.max_file_size": "200M"})
    big = t.path("big")
    with open(big, "wb") as f:
        for _ in range(100):
            f.write(os.urandom(1 << 20))
    s = slot(t, ferry, "big.bin", 100 << 20)
    t.curl("-sS", "--fail", "-T", big, s.put, "-o", os.devnull, limit=120)
    t.curl("-sS", "--fail", "-o", big + ".back", s.get, limit=120)
    sums = [hashlib.sha256(open(p, "rb").read()).hexdigest() for p in (big, big + ".back")]
    eq(sums[0], sums[1])
    eq([f for f in os.listdir(nginx.path("tmp")) if os.path.isfile(f)] if os.path.isdir(nginx.path("tmp")) else [], [])

    s = slot(t, ferry, "a.txt", 5000)
    for length, status in ((5001, 413), (10**12, 413), (4999, 400)):
        h = t.http(nginx.base).request("PUT", s.put_path, {"Content-Length": length})
        r = h.response()
        eq((r.status, r["Content-Type"]), (status, "application/problem+json"), "said while the body has not come")
    h = t.http(nginx.base).request("PUT", s.put_path, {"Transfer-Encoding": "chunked"})
    h.expect_status(411)
    forged = s.put_path.replace("/u/", "/u/x")
    eq(t.put(nginx.url(forged), b"x" * 5000).status, 403)

    h = t.http(nginx.base).request("PUT", s.put_path, {"Content-Length": 5000})
    h.write(b"x" * 2500)
    ferry.log_expect(r"claimed attempt=1 size=5000")
    h.abort()
    ferry.log_expect(r"http PUT /u aborted")
    h = t.http(nginx.base).request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": 5000})
    eq(h.response(interim=True).status, 100)
    ferry.log_expect(r"claimed attempt=2")  # the 100 is nginx's own: its request may come to us later than the next one
    eq(t.put(s.put, b"y" * 5000).status, 201, "again after it broke")
    eq(t.get(s.get).body, b"y" * 5000)
    eq(t.put(s.put, b"z" * 5000).status, 409)
