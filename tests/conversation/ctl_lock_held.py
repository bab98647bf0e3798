"""Where no daemon answers but somebody holds the spool's lock, ferryctl touches nothing and says 7."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    other = t.path("other.conf")
    with open(ferry.conf_file, encoding="utf-8") as f:
        text = f.read().replace("ferryd.sock", "nobody.sock").replace("dir = spool", f"dir = {ferry.spool}")
    with open(other, "w", encoding="utf-8") as f:
        f.write(text)
    ctl = build_path(ferry.mode, "ferryctl")
    p = t.command([ctl, "-c", other, "user", "add", "bob@localhost"], stdin="x\n", code=7)
    ok("in use" in p.err.decode(), p.err)
    ok("hint: " in p.err.decode(), p.err)
    eq([row[0] for row in ferry.ctl("user", "ls").rows], ["alice@localhost"])
    ok(os.path.exists(os.path.join(ferry.folder, "ferryd.sock")), "the daemon's socket stays")
