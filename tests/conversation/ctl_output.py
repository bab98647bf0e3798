"""Rows are a table with a head on a terminal, tab-separated fields without one in a pipe, and with --json one object a line."""
import os
import pty

from talk import *


def on_terminal(t, argv):
    master, slave = pty.openpty()
    p = t.spawn(["sh", "-c", f"exec \"$@\" >{os.ttyname(slave)}", "sh", *argv])
    eq(p.wait(), 0)
    os.close(slave)
    got = b""
    try:
        while chunk := os.read(master, 65536):
            got += chunk
    except OSError:
        pass  # the other end is closed
    os.close(master)
    return got.decode().replace("\r\n", "\n")


def run(t):
    ferry = t.ferry(users=["bob", user("alice", admin=True)])
    rows = ferry.ctl("user", "ls").rows
    eq([r[0] for r in rows], ["alice@localhost", "bob@localhost"], "sorted, no head")
    eq(len(rows[0]), 9)
    eq(rows[0][3], str(1 << 30), "exact bytes in a pipe")
    objects = ferry.ctl("user", "ls", "--json").objects
    eq(ferry.ctl("--json", "user", "ls").objects, objects, "--json may stand anywhere")
    eq([(o["jid"], o["admin"], o["user_quota"]) for o in objects], [("alice@localhost", True, 1 << 30), ("bob@localhost", False, 1 << 30)])
    table = on_terminal(t, [build_path(ferry.mode, "ferryctl"), "-c", ferry.conf_file, "user", "ls"]).splitlines()
    ok(table[0].startswith("JID ") and "USER QUOTA" in table[0], table)
    eq(len(table), 3)
    ok(table[1].startswith("alice@localhost") and "1G" in table[1], table)
    status = ferry.ctl("status").dict
    ok("version" in status and "files" in status, status)
    ok(re.search(r"^ferryd_\w+", ferry.ctl("metrics").out, re.M), "counters by Prometheus' words")
