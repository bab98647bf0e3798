"""tus: another version 412 with ours, another offset 409, another type 415, too much 413, no number 400; OPTIONS tells version, size
and extension; DELETE terminates."""
from talk import *
from talk.slots import TUS, slot, tus_append


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a", 10)
    r = t.fetch("OPTIONS", s.put)
    eq(r.status, 204)
    eq((r["Tus-Version"], r["Tus-Resumable"], r["Tus-Max-Size"], r["Tus-Extension"]), ("1.0.0", "1.0.0", "10", "termination"))
    eq(r["Upload-Limit"], "max-size=10, max-age=86400")
    eq(tus_append(t, s, b"0123", 0).status, 204)
    for version in ("0.2.2", "1.0.1", "2.0.0", ""):
        for r in (tus_append(t, s, b"4", 4, **{"Tus-Resumable": version}), t.head(s.put, {"Tus-Resumable": version})):
            eq((r.status, r["Tus-Version"]), (412, "1.0.0"), version)
    for at in (0, 3, 5, 10, 9223372036854775807):
        r = tus_append(t, s, b"", at)
        eq((r.status, r["Tus-Resumable"], r["Upload-Offset"]), (409, "1.0.0", "4"), f"{at}")
    for at in ("-1", "9223372036854775808", "four", None):
        eq(tus_append(t, s, b"4", at).status, 400, f"{at}")
    r = tus_append(t, s, b"4", 4, **{"Content-Type": "application/octet-stream"})
    eq((r.status, r["Accept-Patch"]), (415, "application/offset+octet-stream"))
    eq(tus_append(t, s, b"4567890", 4).status, 413)
    eq(t.fetch("POST", s.put, {**TUS, "Upload-Length": 10}).status, 400, "a slot needs no creation")
    eq(t.head(s.put, TUS)["Upload-Offset"], "4")
    r = t.delete(s.put, headers=TUS)
    eq((r.status, r["Tus-Resumable"]), (204, "1.0.0"))
    for r in (t.head(s.put, TUS), tus_append(t, s, b"456789", 4)):
        eq((r.status, r["Upload-Offset"], r["Tus-Resumable"]), (410, None, "1.0.0"))
