"""slixmpp finds the upload service by disco and uploads by XEP-0363: any name, type and size up to the published limit; beyond, it is told."""
import os

from talk import *


def run(t):
    limit = 256 * 1024 + 1024
    ferry = t.ferry(users=["alice"], conf={"storage.max_file_size": "256K", "storage.user_quota": "700K"})
    alice = t.slixmpp(ferry, "alice")
    for name, size, type, served in (("photo.png", 100_001, None, None), ("no extension", 1, None, None),
                                     ("tr\u00e8s cool.jpg", 5000, "image/jpeg", None), ("\u6587\u4ef6.tar.gz", limit, "application/gzip", None),
                                     ("note.txt", 500, "text/plain", "text/plain; charset=utf-8")):
        data = os.urandom(size) if served is None else b"words " * (size // 6)
        alice.do("upload", path=t.write(name, data), type=type)
        url = alice.event("uploaded")["url"]
        ok(url.isascii() and url.endswith(os.path.splitext(name)[1]), url)
        p = t.curl("-f", "-D", t.path("head"), url)
        eq(p.out, data)
        if served:
            with open(t.path("head"), encoding="ascii") as f:
                ok(f"content-type: {served}" in f.read().lower(), served)
    big = t.write("big.bin", bytes(limit + 1))
    alice.do("upload", path=big)
    eq(alice.event("error")["condition"], "FileTooBig", "by the published limit")
    alice.do("upload", path=big, heedless=True)
    eq(alice.event("error")["condition"], "not-acceptable", "by the answer")
    full = t.write("full.bin", os.urandom(limit))
    alice.do("upload", path=full)
    alice.event("uploaded")
    alice.do("upload", path=full)
    error = alice.event("error")
    eq(error["condition"], "resource-constraint")
    ok("quota" in error["text"], error)
    alice.do("upload", path=t.write("small.bin", b"still room"))
    eq(t.curl("-f", alice.event("uploaded")["url"]).out, b"still room")
    alice.quit()
