"""Links say https where public_url is not set and the TLS listener is the only one, or can be reached from elsewhere; the page and the file
are there under them. A listener on all addresses is called by the domain's name."""
from talk import *

AWAY = "192.0.2.7"


def link(t, ferry):
    return ferry.ctl("slot", "a.txt", "5", "--from", "alice@localhost").dict["put"]


def run(t):
    t.own_network(AWAY)
    only = t.ferry(users=["alice"], https=True, conf={"http.public_url": None, "http.listen": ""})
    port = only.address("https")[1]
    put = link(t, only)
    eq(put[:len(f"https://localhost:{port}/u/")], f"https://localhost:{port}/u/")
    eq(t.put(put, b"hello").status, 201)
    both = t.ferry(users=["alice"], https=True, conf={"http.public_url": None})
    ok(link(t, both).startswith("http://localhost:%d/" % both.address("http")[1]), "both on loopback: plain")
    both.stop()

    both.write_conf(**{"http.listen_tls": f"{AWAY}:0"})
    both.start()
    ok(link(t, both).startswith("https://%s:%d/u/" % (AWAY, both.address("https")[1])), "from elsewhere: TLS")
    both.stop()

    both.write_conf(**{"http.listen": "0.0.0.0:0", "http.listen_tls": "0.0.0.0:0"})
    both.start()
    put = link(t, both)
    ok(put.startswith("https://localhost:%d/u/" % both.address("https")[1]), "by the domain")
    eq(t.put(put, b"hello").status, 201)
    both.stop()

    both.write_conf(**{"xmpp.domain": "b\u00fccher.example, localhost"})
    both.start()
    ok(link(t, both).startswith("https://xn--bcher-kva.example:%d/u/" % both.address("https")[1]), "in ASCII")
