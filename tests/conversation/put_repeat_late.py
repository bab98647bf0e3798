"""Ten minutes after the commit a repeated body is not read any more: 409 at once; an equal digest is still 201."""
from talk import *
from talk.slots import digest, store


def run(t):
    ferry = t.ferry()
    data = b"late" * 1000
    s = store(t, ferry, "late.bin", data)
    ferry.stop()
    ferry.env["FERRYD_TEST_WALL_OFFSET"] = "601"
    ferry.start()
    h = t.http(ferry)
    h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": len(data)})
    eq(h.response(interim=True).status, 409)
    r = t.put(s.put, data, digest(data))
    eq((r.status, r["Ferry-Delete"]), (201, s.delete_token))
