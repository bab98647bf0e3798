"""Type=notify: READY with the listeners once it accepts, STOPPING at the end, WATCHDOG while the loop turns."""
import os
import socket

from talk import *


def run(t):
    path = t.path("notify.sock")
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.bind(path)
    s.settimeout(20)
    ferry = t.ferry(env={"NOTIFY_SOCKET": path, "WATCHDOG_USEC": "400000"})
    first = s.recv(4096).decode()
    ok(first.startswith("READY=1\n") and "STATUS=ready xmpp=127.0.0.1:" in first, first)
    eq(s.recv(4096), b"WATCHDOG=1")
    ferry.signal(15)
    last = b"WATCHDOG=1"
    while last == b"WATCHDOG=1":
        last = s.recv(4096)
    ok(last.startswith(b"STOPPING=1"), last)
    ferry.wait_exit(0)
    s.close()
    os.unlink(path)
