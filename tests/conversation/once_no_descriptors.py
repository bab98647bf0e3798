"""Out of descriptors a one-time link says 503, to come again, and stays unspent."""
from talk import *
import resource


def run(t):
    ferry = t.ferry()
    data = bytes(100_000)
    out = ferry.ctl("slot", "once.bin", str(len(data)), "--once").dict
    eq(t.put(out["put"], data).status, 201)
    h = t.http(ferry, name="before")
    h.request("HEAD", out["get"])
    h.expect_status(200)
    soft, hard = resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (3, hard))
    h.request("GET", out["get"])
    r = h.response()
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (soft, hard))
    eq(r.status, 503)
    ok(r["Retry-After"], "when to come again")
    r = t.get(out["get"])
    eq((r.status, r.body == data), (200, True))
