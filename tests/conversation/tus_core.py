"""tus 1.0 core on a slot: HEAD tells offset and length, PATCH appends and answers 204 with the new offset; the last one makes the file.
Every answer names the version."""
import os

from talk import *
from talk.slots import TUS, slot, tus_append


def run(t):
    ferry = t.ferry()
    data = os.urandom(300_000)
    s = slot(t, ferry, "tus.bin", len(data))

    def stands(at):
        r = t.head(s.put, TUS)
        eq((r.status, r["Upload-Offset"], r["Upload-Length"]), (200, str(at), str(len(data))))
        eq((r["Cache-Control"], r["Tus-Resumable"]), ("no-store", "1.0.0"))

    stands(0)
    for at in (0, 100_000):
        r = tus_append(t, s, data[at:at + 100_000], at)
        eq((r.status, r["Upload-Offset"], r["Tus-Resumable"]), (204, str(at + 100_000), "1.0.0"))
        stands(at + 100_000)
    r = tus_append(t, s, b"", 200_000)
    eq((r.status, r["Upload-Offset"]), (204, "200000"), "an empty part")
    r = t.fetch("POST", s.put, {**TUS, "X-HTTP-Method-Override": "PATCH", "Content-Type": "application/offset+octet-stream",
                                "Upload-Offset": 200_000}, data[200_000:])
    eq((r.status, r["Upload-Offset"], r["Location"]), (204, "300000", s.get_path), "by POST, where PATCH cannot be sent")
    ok(r["Ferry-Delete"], "the owner's token")
    stands(300_000)
    eq(t.get(s.get).body, data)
