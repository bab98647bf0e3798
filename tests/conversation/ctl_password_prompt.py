"""On a terminal a password is asked for twice and never shown; a signal leaves a terminal that shows what is typed."""
import os
import pty
import termios

from talk import *


def shows(fd):
    return bool(termios.tcgetattr(fd)[3] & termios.ECHO)


def ask(t, ferry, *words):
    master, slave = pty.openpty()
    ctl = build_path(ferry.mode, "ferryctl")
    p = t.spawn(["sh", "-c", f"exec \"$@\" <{os.ttyname(slave)}", "sh", ctl, "-c", ferry.conf_file, *words])
    t.pump(lambda: b"Password: " in p.err, "the prompt")
    ok(not shows(slave), "it is not shown")
    return p, master, slave


def run(t):
    ferry = t.ferry(start=False)
    p, master, slave = ask(t, ferry, "user", "add", "alice@localhost")
    os.write(master, b"secret\n")
    t.pump(lambda: b"Once more: " in p.err, "the second prompt")
    os.write(master, b"secret\n")
    eq(p.wait(), 0)
    ok(shows(slave), "the terminal is as it was")

    p, master, slave = ask(t, ferry, "user", "add", "bob@localhost")
    os.write(master, b"secret\n")
    t.pump(lambda: b"Once more: " in p.err, "the second prompt")
    os.write(master, b"Secret\n")
    eq(p.wait(), 2)
    ok(b"not the same" in p.err, p.err)

    p, master, slave = ask(t, ferry, "user", "add", "bob@localhost")
    p.signal(15)  # what Ctrl-C does, but the runner ignores that one
    eq(p.wait(), -15)
    ok(shows(slave), "the terminal is as it was")
    eq([r[0] for r in ferry.ctl("user", "ls").rows], ["alice@localhost"])
    ferry.start()
    t.xmpp(ferry, "alice", password="secret").end()
