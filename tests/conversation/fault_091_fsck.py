"""Row 91: a flipped bit is found by fsck, which exits 9 and holds the file: 410 from then on; when the right bytes are back,
fsck lets it go again. The same offline, when no daemon runs."""
import os

from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.bin", b"0" * 5000)
    path = os.path.join(ferry.spool, "data", s.id[0], s.id + ".1")

    def first_byte(b):
        with open(path, "r+b") as f:
            f.write(b)
    eq(ferry.ctl("fsck").dict["damaged"], "0")
    first_byte(b"1")
    eq(ferry.ctl("fsck", code=9).dict["damaged"], "1")
    eq(t.get(s.get).status, 410)
    eq(ferry.ctl("show", s.id[:10]).dict["reason"], "checksum")
    ferry.stop()
    eq(ferry.ctl("fsck", code=9).dict["damaged"], "1")
    first_byte(b"0")
    eq(ferry.ctl("fsck", code=8).dict["restored"], "1")
    ferry.start()
    eq(t.get(s.get).body, b"0" * 5000)
    eq(ferry.ctl("fsck").code, 0)
