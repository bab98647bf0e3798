"""Row 91: a file that was truncated behind our back is never served as if whole; one that is removed while it is read arrives whole."""
from talk import *
from talk.slots import BROWSER, store
import glob
import os


def run(t):
    ferry = t.ferry()
    big = os.urandom(20_000_000)
    s = store(t, ferry, "big.bin", big)
    h = t.http(ferry, rcvbuf=4096)
    h.request("GET", s.get_path)
    h.need_until(b"\r\n\r\n")
    h.paused = True
    ferry.ctl("rm", s.id)
    eq(t.get(s.get).status, 410)
    h.paused = False
    eq(h.need(len(big)), big, "whole, from the open file")

    cut = store(t, ferry, "cut.bin", b"x" * 5000)
    path = [p for p in glob.glob(os.path.join(ferry.spool, "**"), recursive=True) if os.path.isfile(p) and os.path.getsize(p) == 5000]
    eq(len(path), 1, "the stored file")
    os.truncate(path[0], 4999)
    r = t.get(cut.get)
    eq((r.status, r.json["type"]), (410, "urn:ferry:problem:damaged"))
    eq(t.get(cut.get, BROWSER).status, 410)
    ok("damaged" in t.get(cut.get, BROWSER).text)
    ferry.log_expect(r"damaged|held|truncat")
