"""Started with descriptors 0, 1 and 2 closed: no socket or file of the spool becomes standard error."""
import os
import socket

from talk import *


def run(t):
    conf = t.write("f.conf", "[xmpp]\nlisten = 127.0.0.1:0\n[http]\nlisten = 127.0.0.1:0\n[proxy65]\nlisten = 127.0.0.1:0\n"
                             "[admin]\nlisten = 127.0.0.1:0\nsocket = ctl.sock\n[storage]\ndir = spool\nreserve = 0\n")
    path = t.path("notify.sock")
    notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    notify.bind(path)
    notify.settimeout(20)
    p = t.spawn(["/bin/sh", "-c", f"exec {build_path('asan', 'ferryd')} -c {conf} 0<&- 1>&- 2>&-"], name="ferryd",
                env={"NOTIFY_SOCKET": path})
    ok(notify.recv(4096).startswith(b"READY=1"))
    notify.close()
    for fd in (0, 1, 2):
        eq(os.readlink(f"/proc/{p.pid}/fd/{fd}"), "/dev/null", f"descriptor {fd}")
    p.signal(15)
    p.wait()
    eq(p.code, 0)
