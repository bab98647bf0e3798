"""104: a client that names the draft's version hears of its upload before it has sent a byte of it; nobody else does."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    for headers, announced in (({"Upload-Draft-Interop-Version": "8"}, True), ({}, False), ({"Upload-Draft-Interop-Version": "6"}, False)):
        s = slot(t, ferry, "a", 4)
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Upload-Complete": "?1", "Content-Length": 4, "Expect": "100-continue", **headers})
        r = h.response(interim=True)
        if announced:
            eq((r.status, r["Location"], r["Upload-Limit"]), (104, s.put_path, "max-size=4"))
            eq(r["Upload-Draft-Interop-Version"], "8")
            r = h.response(interim=True)
        eq(r.status, 100)
        h.write(b"data")
        eq(h.response(interim=True).status, 201)
        h.request("GET", s.get_path)
        eq(h.response().body, b"data", "the connection goes on")
