"""Repr-Digest on a PUT is held against the bytes at the commit: a wrong one stores nothing and leaves the slot; a faulty field is
refused before the body; other algorithms are nobody's business here."""
from talk import *
from talk.slots import digest, slot


def run(t):
    ferry = t.ferry()
    data = b"as announced" * 500
    s = slot(t, ferry, "sum.bin", len(data))
    for field in ("sha-256=abc", "sha-256=:AAAA:", "sha-256"):
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": len(data), "Repr-Digest": field})
        eq(h.response(interim=True).status, 400, field)
    r = t.put(s.put, data, digest(b"something else"))
    eq((r.status, r.json["type"]), (400, "urn:ferry:problem:hash-mismatch"))
    eq(t.get(s.get).status, 404)
    eq(t.put(s.put, data, {"Repr-Digest": "md5=:AAAA:, " + digest(data)["Repr-Digest"]}).status, 201)
    eq(t.get(s.get).body, data)
    s = slot(t, ferry, "sum.bin", len(data))
    eq(t.put(s.put, data, {"Repr-Digest": "sha-512=:AAAA:"}).status, 201)
