"""Row 91: a file that was truncated behind our back is never served as if whole, by any way in; one that is removed while it is read arrives
whole."""
from talk import *
from talk.slots import BROWSER, store
import glob
import os


def run(t):
    ferry = t.ferry(ways=True)
    big = os.urandom(20_000_000)
    for way in HTTP_WAYS:
        s = store(t, ferry, "big.bin", big)
        h = t.http(ferry, way=way, rcvbuf=4096)
        h.quiet = h.paused = True
        h.request("GET", s.get_path)
        other = t.http(ferry, way=way)
        other.quiet = True
        h.paused = False
        h.need_until(b"\r\n\r\n")
        h.paused = True
        ferry.ctl("rm", s.id)
        eq(other.request("GET", s.get_path).response().status, 410, way)
        h.paused = False
        ok(h.need(len(big)) == big, f"{way}: whole, from the open file")

    for i, way in enumerate(HTTP_WAYS):
        size = 5000 + i
        cut = store(t, ferry, "cut.bin", b"x" * size)
        path = [p for p in glob.glob(os.path.join(ferry.spool, "**"), recursive=True) if os.path.isfile(p) and os.path.getsize(p) == size]
        eq(len(path), 1, "the stored file")
        os.truncate(path[0], 4000)
        h = t.http(ferry, way=way)
        r = h.request("GET", cut.get_path).response()
        eq((r.status, r.json["type"]), (410, "urn:ferry:problem:damaged"), way)
        eq(h.request("GET", cut.get_path, {"Range": "bytes=0-5"}).response().status, 410)
        page = h.request("GET", cut.get_path, BROWSER).response()
        eq(page.status, 410)
        ok("damaged" in page.text)
    ferry.log_expect(r"damaged|held|truncat")
