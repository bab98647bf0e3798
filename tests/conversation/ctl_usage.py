"""Wrong use ends with 2 and says how it is meant; --help works for every command, without a daemon."""
import re

from talk import *


def run(t):
    ferry = t.ferry(start=False)
    ctl = build_path(ferry.mode, "ferryctl")

    def wrong(*words, says, stdin=None):
        p = ferry.ctl(*words, code=2, stdin=stdin)
        ok(says in p.err, f"{words}: {p.err}")
        eq(p.out, "")

    wrong(says="usage: ferryctl")
    wrong("usr", "add", says='no command "usr"')
    wrong("user", says="user add JID")
    wrong("user", "ad", says="user add JID")
    wrong("user", "add", says="JID is missing")
    wrong("user", "add", "a@localhost", "b", says="no further word")
    wrong("user", "add", "a@localhost", "--amdin", says="no option --amdin")
    wrong("user", "add", "a@localhost", says="no password", stdin="")
    wrong("user", "add", "a b@localhost", says="JID", stdin="x\n")
    wrong("user", "add", "localhost", says="name@domain", stdin="x\n")
    wrong("user", "add", "a@localhost/phone", says="name@domain", stdin="x\n")
    wrong("user", "add", "a@localhost", says="password", stdin="\n")
    wrong("user", "add", "a@localhost", says="password", stdin="x" * 256 + "\n")
    wrong("user", "quota", "a@localhost", "--inbox", says="needs a value")
    eq(ferry.ctl("user", "add", "a@elsewhere", stdin="x\n", code=3).out, "")
    eq(ferry.ctl("user", "ls").out, "", "nobody was added")
    t.command([ctl, "-c", t.path("none.conf"), "user", "ls"], code=2)
    t.command([ctl, "-c", t.write("bad.conf", "[xmpp]\nnonsense = 1\n"), "user", "ls"], code=2)

    everything = t.command([ctl, "--help"]).out.decode()
    names = re.findall(r"^  ([a-z-]+(?: [a-z]+)?)", everything, re.M)
    ok({"user add", "send", "ping", "get", "status"} <= set(names), names)
    for name in names:
        p = t.command([ctl, *name.split(), "--help"])
        ok(p.out.decode().startswith(f"usage: ferryctl {name}"), p.out)
    eq(t.command([ctl, "--version"]).out.decode().split()[0], "ferryctl")
