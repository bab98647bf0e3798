"""Row 92: what could run as a page is an attachment, sandboxed, never sniffed, whatever its declared type and
whichever way it is fetched."""
from talk import *
from talk.slots import store

FILES = {
    "a.html": (b"<!doctype html><html><body><script>alert(1)</script></body></html>", "text/html"),
    "a.svg": (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "image/svg+xml"),
    "a.xhtml": (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "application/xhtml+xml"),
    "a.xml": (b'<?xml version="1.0"?><a/>', "text/xml"),
    "a.pdf": (b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n", "application/pdf"),
    "a.png": (b"<html><script>alert(1)</script></html>", "image/png"),
    "a.js": (b"#!/usr/bin/env node\nalert(1)\n", "text/javascript"),
}


def run(t):
    ferry = t.ferry(ways=True)
    for name, (data, declared) in FILES.items():
        s = store(t, ferry, name, data, declared, {"Content-Type": declared})
        for way in HTTP_WAYS:
            harmless(t.http(ferry, way=way).request("GET", s.get_path).response(), name, data)


def harmless(r, name, data):
    eq(r.body, data)
    ok(r["Content-Disposition"].startswith("attachment;"), f"{name}: {r['Content-Type']} {r['Content-Disposition']}")
    eq(r["X-Content-Type-Options"], "nosniff")
    for word in ("sandbox", "default-src 'none'", "frame-ancestors 'none'"):
        ok(word in r["Content-Security-Policy"], name)
    eq(len(r.all("Content-Type")), 1)
