"""304 carries what updates a cache and nothing more; 206 says which bytes of which state; 412 and 416 are problems; all may be read from
any origin."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"0123456789")
    tag = t.get(s.get)["ETag"]

    def ask(status, **headers):
        r = t.get(s.get, {k.replace("_", "-"): v for k, v in headers.items()})
        eq(r.status, status)
        eq(r["Access-Control-Allow-Origin"], "*", status)
        return r
    r = ask(304, If_None_Match=tag)
    for name in ("Date", "ETag", "Cache-Control", "Vary"):
        ok(r[name], f"304 needs {name}")
    for name in ("Content-Type", "Content-Disposition", "Last-Modified", "Accept-Ranges", "Content-Range"):
        eq(r[name], None, f"{name} in a 304")
    ok(r["Content-Length"] in (None, "10"), "none but that of the 200")
    r = ask(206, Range="bytes=-3", If_Range=tag)
    eq((r.body, r["Content-Range"], r["Content-Length"], r["ETag"]), (b"789", "bytes 7-9/10", "3", tag))
    for name in ("Date", "Cache-Control", "Vary"):
        ok(r[name], f"206 needs {name}")
    r = ask(412, If_Match='"other"')
    eq((r.json["status"], r["Content-Range"], r["ETag"]), (412, None, None))
    r = ask(416, Range="bytes=10-")
    eq((r["Content-Range"], r.json["status"], r["Cache-Control"]), ("bytes */10", 416, "no-store"))
    eq(ask(412, If_Match='"other"', Range="bytes=10-").status, 412, "a precondition comes first")
    eq(ask(304, If_None_Match=tag, Range="bytes=0-1").body, b"")
