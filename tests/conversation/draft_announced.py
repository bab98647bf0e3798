"""104: a client that names the draft's version hears of its upload before it has sent a byte of it, over TLS too; nobody else does."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(https=True)
    for version, tls in (("8", False), ("8", True), (None, False), ("6", False), ("?1", False)):
        s = slot(t, ferry, "a", 4)
        h = t.http(ferry, tls=tls)
        h.request("PUT", s.put_path, {"Upload-Complete": "?1", "Content-Length": 4, "Expect": "100-continue",
                                      "Upload-Draft-Interop-Version": version})
        r = h.response(interim=True)
        if version == "8":
            eq((r.status, r["Location"], r["Upload-Limit"]), (104, s.put_path, "max-size=4, max-age=86400"))
            eq(r["Upload-Draft-Interop-Version"], "8")
            r = h.response(interim=True)
        eq(r.status, 100)
        h.write(b"data")
        eq(h.response(interim=True).status, 201)
        h.request("GET", s.get_path)
        eq(h.response().body, b"data", "the connection goes on")
