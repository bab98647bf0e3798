"""Row 125: what a hijacked helper says goes into no header unless it is a media type: it is killed, and the file is
application/octet-stream. Without any helper all files are, and the log says so once."""
import os
import shutil

from talk import *

UNKNOWN = "application/octet-stream"
HELPER = """#!/usr/bin/python3
import os
os.write(0, b"ready for anything")
while True:
    head = os.read(0, 65536)
    if not head:
        break
    os.write(0, {b"1": b"text/html\\r\\nSet-Cookie: a=b", b"2": b"a/" + b"b" * 5000, b"3": b"text/x\\0y",
                 b"4": b"text/html; charset=utf-8", b"5": b"nothing", b"6": b"/"}.get(head, b"image/x-good"))
"""


def run(t):
    os.makedirs(t.path("sbin"))
    os.makedirs(t.path("libexec/ferryd"))  # where `make install` puts it; other tests have it beside the daemon
    program, helper = t.path("sbin/ferryd"), t.path("libexec/ferryd/ferry-sniff")
    shutil.copy(build_path(MODE, "ferryd"), program)
    ferry = t.ferry(users=["alice"], wrapper=["/bin/sh", "-c", f'shift; exec {program} "$@"', "sh"])
    alice = t.xmpp(ferry, "alice")

    def type_of(data):
        put, get, _ = alice.slot("a.bin", len(data))
        eq(t.put(put, data).status, 201)
        return t.get(get)["Content-Type"]

    for _ in range(5):
        eq(type_of(b"1"), UNKNOWN)
    eq(len([line for line in ferry.log if "sniff helper" in line]), 1, "one warning")
    ferry.log_expect("sniff helper cannot run why=.*not found")
    ferry.restart()

    with open(helper, "w") as f:
        f.write(HELPER)
    os.chmod(helper, 0o755)
    alice = t.xmpp(ferry, "alice")
    for bad in (b"1", b"2", b"3", b"4", b"5", b"6"):
        mark = ferry.log_mark()
        eq(type_of(b"good"), "image/x-good")
        eq(type_of(bad), UNKNOWN, f"answer {bad}")
        ferry.log_expect("sniff helper replaced", mark)
