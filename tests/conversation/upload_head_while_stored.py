"""HEAD while the file is just being stored never says that it goes on: it waits, or sends the client away for a second, and then the
file is complete."""
from talk import *
from talk.slots import PART, drip, slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a", 10)
    eq(t.put(s.put, b"01234", {"Upload-Complete": "?0"}).status, 201)
    last, look = t.http(ferry, name="last"), t.http(ferry, name="look")
    last.request("PATCH", s.put_path, {"Content-Type": PART, "Upload-Offset": 5, "Upload-Complete": "?1", "Content-Length": 5,
                                       "Expect": "100-continue"})
    eq(last.response(interim=True).status, 100)
    held = ferry.hold_index()
    last.write(b"56789")
    drip(t, [], lambda: any("data/" in f for f in ferry.spool_files()), "the file to be published")
    look.request("HEAD", s.put_path)
    held.close()
    r = look.response()
    if r.status != 204:
        eq((r.status, r["Retry-After"], r["Upload-Offset"]), (503, "1", None))
        eq(last.response().status, 201)
        r = t.head(s.put)
    eq((r.status, r["Upload-Complete"], r["Upload-Offset"]), (204, "?1", "10"))
    eq(t.get(s.get).body, b"0123456789")
