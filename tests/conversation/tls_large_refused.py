"""A large body by TLS that is not wanted: the answer comes before it, says that the connection ends, and is not destroyed by a client that
sends on. So does what is decided while it comes: the upload is cancelled, or too slow."""
import os

from talk import *
from talk.slots import drip, slot, store

SIZE = 1_000_000


def run(t):
    ferry = t.ferry(https=True)
    data = os.urandom(SIZE)
    there, short = store(t, ferry, "there.bin", b"other"), slot(t, ferry, "short.bin", 200_000)
    for method, path, status in (("PUT", there.put_path, 409), ("PUT", short.put_path, 413), ("PATCH", short.put_path, 415),
                                 ("POST", short.put_path, 400), ("PUT", "/u/nothing/at.all", 403), ("PUT", "/livez", 405)):
        for later in (False, True):
            h = t.http(ferry, tls=True)
            h.quiet = True
            if later:
                h.request("GET", "/livez").expect_status(200)
            h.request(method, path, {"Content-Length": SIZE})
            h.write(data[:300_000])
            r = h.response()
            eq((r.status, r["Connection"]), (status, "close"), f"{method} {path} later={later}")
            h.closed()

    s = slot(t, ferry, "cancelled.bin", SIZE)
    h = t.http(ferry, tls=True)
    h.request("PUT", s.put_path, {"Content-Length": SIZE, "Expect": "100-continue"})
    eq(h.response(interim=True).status, 100)
    h.write(data[:300_000], quiet=True)
    eq(t.delete(s.put).status, 204)
    h.write(data[300_000:], quiet=True)
    eq(h.response().status, 410)

    ferry.reload(**{"limits.stall": "1s"})
    s = slot(t, ferry, "slow.bin", SIZE)
    h = t.http(ferry, tls=True)
    h.request("PUT", s.put_path, {"Content-Length": SIZE})
    h.write(data[:300_000], quiet=True)
    drip(t, [h], lambda: h.eof, "the slow upload to be ended")
    eq(h.response().status, 408)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "its file to go")
