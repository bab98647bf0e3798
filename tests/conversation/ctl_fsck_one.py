"""One fsck at a time: while it is under way another one is a conflict, and takes no worker from those who log in."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    held = ferry.hold_index()
    several = [t.spawn([build_path(ferry.mode, "ferryctl"), "-c", ferry.conf_file, "fsck"]) for _ in range(4)]
    t.pump(lambda: [p.code for p in several].count(5) == 3, "all but one to be refused")
    t.xmpp(ferry, "alice").end()
    held.close()
    eq(sorted(p.wait() for p in several), [0, 5, 5, 5])
    ferry.ctl("fsck")
