"""A file in parts, by the resumable upload draft: created with Upload-Complete: ?0 by PUT or POST, asked for by HEAD, gone on with by
PATCH; the last part is answered as a PUT of the whole."""
import os

from talk import *
from talk.slots import append, slot


def run(t):
    ferry = t.ferry()
    data = os.urandom(300_000)
    for method in ("PUT", "POST"):
        s = slot(t, ferry, "parts.bin", len(data))
        r = t.head(s.put)
        eq((r.status, r["Upload-Offset"], r["Upload-Complete"]), (204, "0", "?0"), "not begun")
        ok(200 < int(r["Upload-Limit"].partition("max-age=")[2]) <= 300, "it has five minutes to begin")
        r = t.fetch(method, s.put, {"Upload-Complete": "?0", "Upload-Length": len(data)}, data[:100_000])
        eq((r.status, r["Upload-Complete"], r["Upload-Offset"], r["Location"]), (201, "?0", "100000", s.put_path))
        eq(r["Upload-Limit"], "max-size=300000, max-age=86400")
        r = t.head(s.put)
        eq(r.status, 204)
        eq((r["Upload-Complete"], r["Upload-Offset"], r["Upload-Length"]), ("?0", "100000", "300000"))
        age = re.fullmatch(r"max-size=300000, max-age=(\d+)", r["Upload-Limit"])
        ok(age and 86300 < int(age[1]) <= 86400, r["Upload-Limit"])
        eq(r["Cache-Control"], "no-store")
        r = append(t, s, data[100_000:200_000], 100_000, False)
        eq((r.status, r["Upload-Complete"], r["Upload-Offset"]), (204, "?0", "200000"))
        eq(t.get(s.get).status, 404)
        r = append(t, s, data[200_000:], 200_000, True)
        eq((r.status, r["Upload-Complete"], r["Location"]), (201, "?1", s.get_path))
        ok(r["Ferry-Delete"] and r["Ferry-Expires"], "all that a PUT is told")
        eq(r.text, s.get + "\n")
        eq(t.get(s.get).body, data)
        h = t.head(s.put)
        eq((h.status, h["Upload-Complete"], h["Upload-Offset"]), (204, "?1", "300000"))
        again = append(t, s, b"", 300_000, True)
        eq((again.status, again["Ferry-Delete"]), (201, r["Ferry-Delete"]), "the last answer, to who lost it")
