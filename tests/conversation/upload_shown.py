"""An operator sees how much an upload that broke off has kept, and that it takes up its whole size until it is finished or removed."""
import os

from talk import *
from talk.slots import append, slot


def run(t):
    ferry = t.ferry()
    data = os.urandom(300_000)
    s = slot(t, ferry, "half.bin", len(data))
    eq(append(t, s, data[:100_000], 0, False).status, 204)
    row = ferry.ctl("show", s.id, "--json").objects[0]
    eq((row["state"], row["kept"], row["size"]), ("receiving", 100_000, 300_000))
    eq(ferry.ctl("status", "--json").objects[0]["bytes"], 300_000)
    ferry.ctl("rm", s.id)
    eq(append(t, s, data[100_000:], 100_000, True).status, 410)
    t.pump(lambda: not ferry.spool_files("tmp/*"), "the part to be deleted")
    row = ferry.ctl("show", s.id, "--json").objects[0]
    eq((row["state"], row["kept"]), ("removed", 0))
    eq(ferry.ctl("status", "--json").objects[0]["bytes"], 0)
