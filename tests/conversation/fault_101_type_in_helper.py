"""Rows 101 and 125: libmagic works in a process of its own, started at the first need, that has no file, no network, no right and
no memory to speak of, and that ends with the daemon, even a stopped one with a killed daemon."""
import os
import select
import signal

from talk import *

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0"


def proc(pid, name):
    with open(f"/proc/{pid}/{name}") as f:
        return f.read()


def run(t):
    ferry = t.ferry(users=["alice"])
    ok(not ferry.log_has("sniff helper"), "none before it is needed")
    alice = t.xmpp(ferry, "alice")
    put, get, _ = alice.slot("a.bin", len(PNG))
    eq(t.put(put, PNG).status, 201)
    eq(t.get(get)["Content-Type"], "image/png")
    helper = int(ferry.log_expect(r"sniff helper started pid=(\d+)")[1])

    status = dict(line.split(":\t", 1) for line in proc(helper, "status").splitlines() if ":\t" in line)
    eq((status["Seccomp"], status["NoNewPrivs"], status["Threads"]), ("2", "1", "1"))
    eq({status[k] for k in ("CapInh", "CapPrm", "CapEff", "CapAmb")}, {"0" * 16}, "no capability")
    limits = {line[:26].strip(): line[26:].split()[:2] for line in proc(helper, "limits").splitlines()[1:]}
    for name in ("Max open files", "Max processes", "Max file size", "Max core file size"):
        eq(limits[name], ["0", "0"], name)
    eq(limits["Max address space"], [str(64 << 20)] * 2)
    if os.geteuid() == 0:
        fds = {fd: os.readlink(f"/proc/{helper}/fd/{fd}") for fd in os.listdir(f"/proc/{helper}/fd")}
        ok(fds.pop("0").startswith("socket:"), "it talks to us")
        eq(set(fds.values()), {"/dev/null"}, "and has nothing else")
        eq(os.readlink(f"/proc/{helper}/cwd"), "/")

    end = os.pidfd_open(helper)
    os.kill(helper, signal.SIGSTOP)
    ferry.kill9()
    ok(select.select([end], [], [], 20)[0], "the helper ends with the daemon")
