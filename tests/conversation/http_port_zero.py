"""http.listen on port 0 with public_url left alone: links follow the real port."""
from talk import *


def run(t):
    ferry = t.ferry(conf={"http.listen": "127.0.0.1:0", "http.public_url": None}, start=False)
    ferry.conf.setdefault("http.public_url", None)
    ferry.start()
    host, port = ferry.address("http")
    out = ferry.ctl("slot", "a.txt", "5").dict
    ok(out["put"].startswith(f"http://localhost:{port}/u/"), out["put"])
    ok(out["get"].startswith(f"http://localhost:{port}/f/"), out["get"])
    eq(t.put(out["put"], b"12345").status, 201)
    eq(t.get(out["get"]).body, b"12345")
