"""Row 116: a second daemon on the same spool exits 3 and touches nothing; the first goes on."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.bin", b"first" * 1000)
    before = ferry.spool_files()
    p = t.command([build_path(ferry.mode, "ferryd"), "-c", ferry.conf_file], code=3)
    ok("in use" in p.err.decode(), "says why")
    eq(ferry.spool_files(), before, "files of the spool")
    eq(t.get(s.get).body, b"first" * 1000)
    eq(ferry.ctl("fsck").dict["files"], "1")
    ferry.stop()
    ferry.start()
    eq(t.get(s.get).status, 200)
