"""A PUT of a stored file again: another length is refused at once, a digest decides at once, and for ten minutes the body itself does:
the same bytes are answered as the first time, others with 409, and what is stored stays as it is."""
from talk import *
from talk.slots import digest, store


def run(t):
    ferry = t.ferry()
    data = bytes(range(256)) * 300
    other = data[:-1] + b"?"
    s = store(t, ferry, "again.bin", data)
    for length in (len(data) - 1, len(data) + 1):
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": length})
        r = h.response(interim=True)
        eq((r.status, r.json["type"]), (409, "urn:ferry:problem:slot-used"), f"{length} bytes")
    for body, status in ((data, 201), (other, 409)):
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": len(data), **digest(body)})
        r = h.response(interim=True)
        eq(r.status, status, "by its digest, before the body")
        if status == 201:
            same = r
    for body, status in ((data, 201), (other, 409), (data, 201)):
        h = t.http(ferry)
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": len(data)})
        eq(h.response(interim=True).status, 100, "the body has to tell")
        h.write(body, quiet=True)
        r = h.response()
        eq(r.status, status)
        if status == 201:
            for name in ("Location", "Ferry-Delete", "Ferry-Expires"):
                eq(r[name], s.created[name], name)
                eq(same[name], s.created[name], name)
    eq(t.get(s.get).body, data)
    eq([f for f in ferry.spool_files() if "tmp/" in f], [], "nothing of it was stored")
