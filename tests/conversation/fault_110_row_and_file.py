"""Row 110: after a start, a file without a row is in quarantine and never served; a row without its file answers 410
and is held, with an alarm; fsck says so."""
import os

from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry()
    kept, lost = store(t, ferry, "kept.bin", b"k" * 3000), store(t, ferry, "lost.bin", b"l" * 3000)
    never = slot(t, ferry, "never.bin", 5)
    ferry.stop()
    os.unlink(os.path.join(ferry.spool, "data", lost.id[0], lost.id + ".1"))
    with open(os.path.join(ferry.spool, "data", never.id[0], never.id + ".1"), "wb") as f:
        f.write(b"12345")
    ferry.start()
    eq(t.get(kept.get).body, b"k" * 3000)
    eq(t.get(lost.get).status, 410)
    ferry.log_expect(f"{lost.id[:12]} storage alarm")
    eq(ferry.ctl("show", lost.id).dict["state"], "held")
    eq(t.get(never.get).status, 404)
    eq([f for f in ferry.spool_files() if never.id in f], [f"quarantine/{never.id}.1"])
    eq(ferry.ctl("fsck", code=9).dict["missing"], "1")
    eq(t.put(never.put, b"54321").status, 201)  # it was never adopted: the slot is as it was
    eq(t.get(never.get).body, b"54321")
