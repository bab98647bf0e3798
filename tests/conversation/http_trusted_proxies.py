"""C42: X-Forwarded-For is believed from trusted_proxies only: the client it names is who is logged and who has the connections of
limits.per_address, which the proxy itself has not; from anybody else it is nothing. Links never follow X-Forwarded-Proto or -Host."""
from talk import *
from talk.slots import drip

ME = {"X-Forwarded-For": "198.51.100.1, 192.0.2.7", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"}


def put(t, ferry, source, headers):
    """One upload of two bytes; returns the address it is logged with."""
    slot = dict(ferry.ctl("slot", "a.txt", 2).rows)
    since = ferry.log_mark()
    h = t.http(ferry, source=source).request("PUT", "/" + slot["put"].split("/", 3)[3], headers, b"hi")
    r = h.expect_status(201)
    eq(r.text.strip(), slot["get"], "a link is made from the configuration")
    return ferry.log_expect(r"http PUT /u status=201 peer=(\S+)", since)[1]


def run(t):
    ferry = t.ferry(conf={"http.trusted_proxies": "127.0.0.8, 127.0.1.0/24", "limits.per_address": "2"})
    eq(put(t, ferry, "127.0.0.8", ME), "192.0.2.7", "a proxy says so")
    ok(put(t, ferry, "127.0.0.8", {}).startswith("127.0.0.8:"), "it says nothing")
    eq(put(t, ferry, "127.0.1.9", {"X-Forwarded-For": "[2001:db8::1]:443, 127.0.0.8"}), "[2001:db8::1]:443", "two of them in a row")
    eq(put(t, ferry, "127.0.1.9", [("X-Forwarded-For", "127.0.0.1"), ("X-Forwarded-For", "192.0.2.9")]), "192.0.2.9", "a line each")
    ok(put(t, ferry, "127.0.0.9", ME).startswith("127.0.0.9:"), "a stranger")
    ok(put(t, ferry, "127.0.0.8", {"X-Forwarded-For": "192.0.2.7, unknown"}).startswith("127.0.0.8:"), "no address")

    # Two requests of one client that last; the third is too much, whichever connection of the proxy it comes by.
    slots = [dict(ferry.ctl("slot", "a.txt", 4).rows)["put"].split("/", 3)[3] for _ in range(2)]
    open_ones = []
    for path in slots:
        h = t.http(ferry, source="127.0.0.8")
        h.request("PUT", "/" + path, {"X-Forwarded-For": "192.0.2.7", "Content-Length": "4", "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        open_ones.append(h)
    ask = lambda client: t.http(ferry, source="127.0.0.8").request("GET", "/livez", {"X-Forwarded-For": client}).response().status
    eq(ask("192.0.2.7"), 503, "a third one of the same client")
    eq(ask("192.0.2.8"), 200, "another client")
    eq(ask("127.0.1.1"), 200, "the proxy's own")
    open_ones[0].write(b"abcd")
    open_ones[0].expect_status(201)
    drip(t, [], lambda: ask("192.0.2.7") == 200, "the first one's place")
