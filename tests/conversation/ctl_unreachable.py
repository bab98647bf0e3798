"""No daemon: commands that need one say 7 with a hint; ping --wait sees it come."""
from talk import *


def run(t):
    ferry = t.ferry(start=False)
    for words in (("status",), ("ls",), ("session", "ls"), ("send", ferry.conf_file, "bob@localhost")):
        p = ferry.ctl(*words, code=7)
        ok("no daemon answers" in p.err and "hint: " in p.err, p.err)
        eq(p.out, "")
    p = t.spawn([build_path(ferry.mode, "ferryctl"), "-c", ferry.conf_file, "ping", "--wait", "20"])
    ferry.start()
    eq(p.wait(), 0)
    eq(p.out.decode(), "ready\n")
    eq(ferry.ctl("ping", "--json").objects, [{"ready": True}])
    ferry.stop()
    ferry.ctl("ping", code=7)
