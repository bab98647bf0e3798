"""C37 for uploads: a page of any origin may send every method and header of them and read what the answers tell; no preflight needs a
valid token, and every answer is open."""
from talk import *
from talk.slots import TUS, append, slot

ORIGIN = {"Origin": "https://chat.example"}


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a", 10)
    for url in (s.put, ferry.url("/u/forged/a")):
        r = t.fetch("OPTIONS", url, {**ORIGIN, "Access-Control-Request-Method": "PATCH", "Access-Control-Request-Headers": "upload-offset"})
        eq((r.status, r["Access-Control-Allow-Origin"], r["Access-Control-Allow-Credentials"]), (204, "*", None))
        methods = r["Access-Control-Allow-Methods"].split(", ")
        for method in ("PUT", "POST", "PATCH", "HEAD", "DELETE", "OPTIONS"):
            ok(method in methods, method)
        allowed = r["Access-Control-Allow-Headers"].split(", ")
        for name in ("Authorization", "Content-Type", "Upload-Complete", "Upload-Offset", "Upload-Length", "Upload-Metadata",
                     "Tus-Resumable", "X-HTTP-Method-Override", "Repr-Digest", "Ferry-Expires", "Ferry-Once"):
            ok(name in allowed, name)
    answers = [t.put(s.put, b"0123", {**ORIGIN, "Upload-Complete": "?0"}), t.head(s.put, ORIGIN), t.head(s.put, {**ORIGIN, **TUS}),
               append(t, s, b"x", 3, False, **ORIGIN), append(t, s, b"456", 4, False, **ORIGIN), append(t, s, b"789", 7, True, **ORIGIN),
               t.delete(s.put, headers=ORIGIN), t.put(ferry.url("/u/forged/a"), b"", ORIGIN)]
    eq([r.status for r in answers], [201, 204, 200, 409, 204, 201, 409, 403])
    for r in answers:
        eq(r["Access-Control-Allow-Origin"], "*", f"{r}")
        exposed = r["Access-Control-Expose-Headers"].split(", ")
        for name in ("Upload-Offset", "Upload-Length", "Upload-Complete", "Upload-Limit", "Tus-Resumable", "Tus-Version", "Location",
                     "Ferry-Delete", "Ferry-Expires", "Retry-After"):
            ok(name in exposed, name)
