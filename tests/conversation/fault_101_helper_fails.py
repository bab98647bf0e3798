"""Row 101: a file at which the helper hangs or dies is stored as application/octet-stream; the next one is recognised again, and
so is the first one after a helper that died in its sleep. What is killed is reaped."""
import os
import select
import signal

from talk import *

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x10\0\0\0\x10\x08\x06\0\0\0"
UNKNOWN = "application/octet-stream"


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.sniff": "30s"})
    alice = t.xmpp(ferry, "alice")

    def type_of():
        put, get, _ = alice.slot("a.bin", len(PNG))
        eq(t.put(put, PNG).status, 201)
        return t.get(get)["Content-Type"]

    def helper(since):
        return int(ferry.log_expect(r"sniff helper started pid=(\d+)", since)[1])

    eq(type_of(), "image/png")
    first = helper(0)

    mark = ferry.log_mark()
    end = os.pidfd_open(first)
    os.kill(first, signal.SIGKILL)
    ok(select.select([end], [], [], 20)[0], "it is dead")
    eq(type_of(), "image/png", "a helper that died in its sleep is no file's fault")
    second = helper(mark)

    mark = ferry.log_mark()
    os.kill(second, signal.SIGSTOP)
    put, get, _ = alice.slot("a.bin", len(PNG))
    sender = t.spawn(["curl", "-sS", "--noproxy", "*", "-w", "%{http_code}\n", "-T", t.write("a.bin", PNG), put])
    ferry.log_expect(f"sniff asked pid={second}", mark)
    os.kill(second, signal.SIGKILL)
    sender.expect_line("201")
    sender.wait()
    eq(t.get(get)["Content-Type"], UNKNOWN)
    ferry.log_expect(f'sniff helper replaced pid={second} why="ended by signal 9"', mark)
    eq(type_of(), "image/png")
    third = helper(mark)

    ferry.write_conf(**{"limits.sniff": "100ms"})
    ferry.reload()
    os.kill(third, signal.SIGSTOP)
    eq(type_of(), UNKNOWN, "it hangs")
    ferry.log_expect(f'sniff helper replaced pid={third} why="no answer in time"', mark)
    ferry.write_conf(**{"limits.sniff": "30s"})
    ferry.reload()
    eq(type_of(), "image/png")
    eq([pid for pid in (first, second, third) if os.path.exists(f"/proc/{pid}")], [], "reaped")
