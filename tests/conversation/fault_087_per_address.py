"""Row 87: connections beyond the cap of one address, plain ones and those of TLS together, are closed at once, and behind a trusted proxy
refused with 503; other addresses are fine; a slot that is free can be used again."""
from talk import *
from talk.slots import drip, slot

ONE, OTHER = "127.0.0.2", "127.0.0.3"


def run(t):
    ferry = t.ferry(ways=True, conf={"limits.per_address": "5"})
    kept = [t.http(ferry, way=way, source=ONE) for way in ("first", "later", "tls-first", "tls-later", "first")]
    for h in kept:
        h.request("GET", "/livez").expect_status(200)
    for listener in ("http", "https") * 5:
        t.dial(*ferry.address(listener), source=ONE).expect_eof()
    for way in NGINX_WAYS:
        h = t.http(ferry, way="nginx-first", source=ONE)
        h.request("GET", "/livez").expect_status(503)
    for way in HTTP_WAYS:
        t.http(ferry, way=way, source=OTHER).request("GET", "/livez").expect_status(200)
    kept[0].close()

    def again():
        h = t.http(ferry, way="first", source=ONE)
        h.request("GET", "/livez")
        t.pump(lambda: h.eof or b"\r\n\r\n" in h.inbuf, "an answer or a close")
        return not h.eof
    drip(t, [], again, "a place to be free")

    # Behind nginx it is the requests of a client that count.
    few = t.ferry(ways=True, conf={"limits.per_address": "2"})
    slots = [slot(t, few, "a.txt", 5) for _ in range(2)]
    open_ones = [t.http(few, way="nginx-later", source=ONE).request("PUT", s.put_path, {"Content-Length": 5, "Expect": "100-continue"}) for s in slots]
    for h in open_ones:
        eq(h.response(interim=True).status, 100)
        h.write(b"12")
    ask = lambda source: t.http(few, way="nginx-first", source=source).request("GET", "/livez").response().status
    drip(t, [], lambda: ask(ONE) == 503, "both to be there")
    eq(ask(OTHER), 200)
    for h in open_ones:
        h.write(b"345")
        h.expect_status(201)
    drip(t, [], lambda: ask(ONE) == 200, "their places")
