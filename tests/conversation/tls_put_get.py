"""HTTPS serves the same files as HTTP: PUT, GET, HEAD, ranges, keep-alive, by TLS 1.2 and 1.3, and ends with a close_notify."""
import os
import ssl

from talk import *
from talk.slots import slot

VERSIONS = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def run(t):
    ferry = t.ferry(https=True)
    data = os.urandom(700_001)
    for version in VERSIONS:
        s = slot(t, ferry, "a.bin", len(data))
        h = t.http(ferry, tls=True, context=tls_context(maximum_version=version))
        eq(h.sock.version(), version.name.replace("v1_", "v1."))
        h.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(data, quiet=True)
        created = h.expect_status(201)
        eq(created["Location"], s.get_path)
        h.request("GET", s.get_path)
        r = h.expect_status(200)
        eq(r.body == data, True, "the bytes")
        plain = t.get(s.get)
        eq(plain.body == data, True, "the bytes over HTTP")
        eq([p for p in r.headers if p[0] != "Date"], [p for p in plain.headers if p[0] not in ("Date", "Connection")])
        h.request("HEAD", s.get_path)
        eq(h.expect_status(200)["Content-Length"], str(len(data)))
        h.request("GET", s.get_path, {"Range": "bytes=65535-131072"})
        eq(h.expect_status(206).body == data[65535:131073], True, "the range")
        h.request("GET", s.get_path, {"If-None-Match": r["ETag"], "Connection": "close"})
        h.expect_status(304)
        h.closed()
        ok(not h.was_cut, "close_notify")
