"""Run by root on a spool of somebody else's, ferryctl leaves no file of root's there."""
import os

from talk import *

NOBODY = 65534


def run(t):
    if os.geteuid() != 0:
        skip("only root can give a file away")
    ferry = t.ferry(start=False)
    os.chmod(t.folder, 0o755)
    os.chmod(ferry.folder, 0o755)
    os.mkdir(ferry.spool, 0o700)
    os.chown(ferry.spool, NOBODY, NOBODY)
    ferry.ctl("user", "add", "alice@localhost", stdin="x\n")
    files = ferry.spool_files()
    ok("key" in files and len(files) >= 2, files)
    for name in [".", *files]:
        eq(os.stat(os.path.join(ferry.spool, name)).st_uid, NOBODY, name)
    eq(ferry.ctl("user", "ls").rows[0][0], "alice@localhost")
