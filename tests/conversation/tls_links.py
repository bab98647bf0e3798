"""Links say https where public_url is not set and the TLS listener is the only one, or can be reached from elsewhere; the page and the file
are there under them."""
from talk import *


def link(t, ferry):
    return ferry.ctl("slot", "a.txt", "5", "--from", "alice@localhost").dict["put"]


def run(t):
    only = t.ferry(users=["alice"], https=True, conf={"http.public_url": None, "http.listen": ""})
    port = only.address("https")[1]
    put = link(t, only)
    eq(put[:len(f"https://localhost:{port}/u/")], f"https://localhost:{port}/u/")
    eq(t.put(put, b"hello").status, 201)
    wide = t.ferry(users=["alice"], https=True, conf={"http.public_url": None, "http.listen_tls": "0.0.0.0:0"}, start=False)
    wide.write_conf(**{"http.listen_tls": "127.0.0.1:0"})
    wide.start()
    ok(link(t, wide).startswith("http://localhost:%d/" % wide.address("http")[1]), "both on loopback: plain")
