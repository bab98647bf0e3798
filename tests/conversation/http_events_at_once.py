"""As many requests at the same moment as a worker of libmicrohttpd takes events in one go (128), and a multiple of it, are answered: it must not
fall asleep over them."""
import signal

from talk import *
from talk.slots import drip


def run(t):
    ferry = t.ferry(https=True, conf={"limits.per_address": "0", "limits.head": "60s"})
    for many, tls in ((256, False), (256, True), (512, False)):
        hs = [t.http(ferry, tls=tls, name=f"c{i}") for i in range(many)]
        for h in hs:
            h.quiet = True
            h.request("GET", "/livez")
            h.expect_status(200)
        ferry.signal(signal.SIGSTOP)
        for h in hs:
            h.request("GET", "/livez")
        ferry.signal(signal.SIGCONT)
        for h in hs:
            h.expect_status(200)
        for h in hs:
            h.close()
        drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to go")
