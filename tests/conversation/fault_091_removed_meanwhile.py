"""Row 91: a download under way when its file is removed, or expires, is sent to its end; the next one is refused."""
import os

from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(mode="plain")
    data = os.urandom(20_000_000)
    for how in ("rm", "extend"):
        s = store(t, ferry, "a.bin", data)
        reader = t.http(ferry, name="reader", rcvbuf=4096)
        reader.quiet = True
        reader.request("GET", s.get_path)
        reader.need_until(b"\r\n\r\n")
        reader.paused = True
        ferry.ctl(how, s.id, *(["1s"] if how == "extend" else []))
        t.pump(lambda: t.get(s.get).status == 410 and not [f for f in ferry.spool_files() if "data/" in f], "the file to be deleted")
        reader.paused = False
        eq(reader.need(len(data)) == data, True, how)
