"""C38: a stored file goes out sandboxed, never sniffed, cacheable no longer than it lives, readable from any origin."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(conf={"storage.expire_after": "1h"})
    png = bytes.fromhex("89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082")
    s = store(t, ferry, "dot.png", png)
    r = t.get(s.get)
    eq(r["X-Content-Type-Options"], "nosniff")
    for word in ("sandbox", "default-src 'none'", "frame-ancestors 'none'"):
        ok(word in r["Content-Security-Policy"], word)
    eq(r["Referrer-Policy"], "no-referrer")
    eq(r["Content-Type"], "image/png")
    ok(r["Content-Disposition"].startswith("inline;"), "a raster picture may be shown")
    eq(r["Accept-Ranges"], "bytes")
    eq(r["Content-Length"], str(len(png)))
    ok(r["ETag"].startswith('"') and r["Last-Modified"], "validators")
    age = int(re.search(r"max-age=(\d+)", r["Cache-Control"])[1])
    ok(3500 < age <= 3600, f"max-age {age} within the hour it lives")
    eq(r["Access-Control-Allow-Origin"], "*")
    eq(r["Access-Control-Allow-Credentials"], None)
    for name in ("Content-Length", "Content-Range", "ETag", "Location", "Upload-Offset"):
        ok(name in r["Access-Control-Expose-Headers"], name)
    for name in ("Sec-Fetch-Dest", "Sec-Fetch-Mode", "Accept"):
        ok(name in r["Vary"], name)
    eq(r["Content-Encoding"], None)
    d = t.get(ferry.url(s.download))
    eq(d.body, png)
    ok(d["Content-Disposition"].startswith("attachment;"), "/d is always an attachment")
    eq(len(t.head(s.get)["ETag"]), len(r["ETag"]))
