"""A reader of an upload who takes nothing of what is there is cut as any other; the sender is not held back."""
from talk import *
from talk.slots import slot
import os


def run(t):
    ferry = t.ferry(conf={"limits.stall": "1s"}, mode="plain")
    data = os.urandom(30_000_000)
    s = slot(t, ferry, "a.bin", len(data))
    sender = t.http(ferry, name="sender")
    sender.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue"})
    eq(sender.response(interim=True).status, 100)
    sender.write(data[:-1], quiet=True)
    lazy = t.http(ferry, name="lazy", rcvbuf=4096)
    lazy.paused = True
    gone = ferry.log_mark()
    lazy.request("GET", s.get_path)
    quick = t.http(ferry, name="quick")
    quick.request("GET", s.get_path)
    quick.need_until(b"\r\n\r\n")
    quick.quiet = True
    eq(quick.need(len(data) - 1) == data[:-1], True, "the others read on")
    sender.write(data[-1:])
    sender.expect_status(201)
    eq(quick.need(1), data[-1:])
    t.pump(lambda: any("too-slow phase=reply" in line for line in ferry.log[gone:]), "the lazy reader to be closed")
    lazy.paused = False
    ok(len(lazy.read_all()) < len(data), "cut")
