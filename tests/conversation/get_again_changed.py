"""What becomes of a file is what the very next GET says, also where it was asked for again and again: its new end, a condition, a part, its
removal; and before long that it was damaged behind our back."""
from talk import *
from talk.slots import store
import glob
import os


def run(t):
    ferry = t.ferry(ways=True, conf={"storage.expire_after": "30d"})
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)

        def get(s, status=200, **headers):
            r = h.request("GET", s.get_path, headers).response()
            eq(r.status, status, way)
            return r

        def again(s):
            return [get(s) for _ in range(5)][-1]
        s, other = store(t, ferry, "a.txt", b"0123456789"), store(t, ferry, "a.txt", b"9876543210")
        right = {"Authorization": "Bearer " + s.delete_token}
        tag = again(s)["ETag"]
        eq(again(other).body, b"9876543210")
        get(s, 304, **{"If-None-Match": tag})
        get(s, 412, **{"If-Match": '"x"'})
        get(s, 304, **{"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
        get(s, 412, **{"If-Unmodified-Since": "Thu, 01 Jan 1970 00:00:00 GMT"})
        eq(get(s, 206, Range="bytes=2-3").body, b"23")
        eq(get(s)["Cache-Control"], "private, max-age=86400, immutable")
        eq(t.fetch("POST", s.get, {**right, "Content-Type": "application/x-www-form-urlencoded"}, b"expires=1h").status, 200)
        age = int(re.search(r"max-age=(\d+)", get(s)["Cache-Control"])[1])
        ok(0 < age <= 3600, f"{way}: {age}")
        again(s)
        eq(t.delete(s.get, right).status, 204)
        get(s, 410)
        ferry.ctl("rm", other.id)
        get(other, 410)

    size = 4999
    cut = store(t, ferry, "cut.bin", b"x" * size)
    h = t.http(ferry)
    for _ in range(5):
        eq(h.request("GET", cut.get_path).response().body, b"x" * size)
    path = [p for p in glob.glob(os.path.join(ferry.spool, "**"), recursive=True) if os.path.isfile(p) and os.path.getsize(p) == size]
    os.truncate(path[0], 4000)

    def found_out():
        r = h.request("GET", cut.get_path).response()
        if r.status == 200:
            eq(r.body, b"x" * size, "never a part of it")
        return r.status == 410
    t.pump(found_out, "the damage to be found")
    ferry.log_expect(r"held")
