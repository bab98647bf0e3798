"""curl over HTTPS: 100 MiB up and down byte for byte, a range, a resumed download, one connection for several files."""
import filecmp
import os

from talk import *
from talk.slots import slot

TIME_LIMIT = 120


def run(t):
    ferry = t.ferry(https=True, mode="plain", conf={"storage.max_file_size": "200M"})
    size = 100 << 20
    with open(t.path("big"), "wb") as f:
        for _ in range(size >> 20):
            f.write(os.urandom(1 << 20))
    s = slot(t, ferry, "big.bin", size)
    put, get = ferry.https_url(s.put), ferry.https_url(s.get)
    trust = ["--cacert", os.path.join(ferry.spool, "tls.crt"), "--resolve", f"localhost:{ferry.address('https')[1]}:127.0.0.1"]
    eq(t.curl(*trust, "-T", t.path("big"), "-w", "%{http_code}", "-o", t.path("answer"), put).out, b"201")
    t.curl(*trust, "-o", t.path("got"), get)
    ok(filecmp.cmp(t.path("big"), t.path("got"), shallow=False), "the bytes")
    t.curl(*trust, "-r", "1000-50000000", "-o", t.path("part"), get)
    with open(t.path("big"), "rb") as f:
        f.seek(1000)
        eq(open(t.path("part"), "rb").read() == f.read(50_000_000 - 999), True, "the range")
    os.truncate(t.path("got"), size // 2 + 7)
    t.curl(*trust, "-C", "-", "-o", t.path("got"), get)
    ok(filecmp.cmp(t.path("big"), t.path("got"), shallow=False), "the resumed bytes")
    p = t.curl(*trust, "--tls-max", "1.2", "-w", "%{num_connects} %{ssl_verify_result}\n", "-r", "0-9", "-o", "/dev/null", get, "-o", "/dev/null", get)
    eq(p.out.decode().split("\n")[:2], ["1 0", "0 0"])
