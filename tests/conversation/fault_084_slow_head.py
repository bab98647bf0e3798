"""Row 84: a head must be whole at its absolute deadline, however many bytes come meanwhile; silence is closed too; later heads as well; the
same over TLS. Behind nginx it is nginx that waits for the head and ends the connection: Ferry never hears of it."""
import time

from talk import *
from talk.slots import drip

HALF = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: "


def run(t):
    ferry = t.ferry(ways="client_header_timeout 1s;")
    slow, silent = ({way: t.http(ferry, way=way) for way in OWN_WAYS if way.endswith("later")} for _ in range(2))
    ferry.reload(**{"limits.head": "3s"})
    begun = time.monotonic()
    for way in OWN_WAYS:  # the deadline of a first head begins with the connection, that of a later one with the answer before
        if way.endswith("first"):
            silent[way], slow[way] = t.http(ferry, way=way), t.http(ferry, way=way)
            slow[way].write(HALF)
        else:
            silent[way].request("GET", "/livez")
            slow[way].write(HALF + b"b\r\n\r\n" + HALF)
            for h in silent[way], slow[way]:
                h.method = "GET"
                h.expect_status(200)
    silent = silent.values()
    drip(t, slow.values(), lambda: all(h.eof for h in [*slow.values(), *silent]), "all to be closed")
    ok(time.monotonic() - begun > 2.5, "before the deadline")
    for way, h in slow.items():
        ok(h.inbuf.startswith(b"HTTP/1.1 408 ") if way.endswith("first") else not h.inbuf, f"{way}: {bytes(h.inbuf)!r}")
    for h in silent:
        eq(h.read_all(), b"")
    ferry.reload(**{"limits.head": None})
    behind = [t.http(ferry, way=way) for way in NGINX_WAYS]
    seen = ferry.log_mark()
    for h in behind:
        h.write(HALF.replace(b"/livez", b"/half"))
    drip(t, behind, lambda: all(h.eof for h in behind), "nginx to close them")
    ok(all(not h.inbuf or h.inbuf.startswith(b"HTTP/1.1 408 ") for h in behind), "without more than a 408")
    t.get(ferry.url("/after"))
    ferry.log_expect("GET /after", since=seen)
    ok(not any("/half" in line for line in ferry.log[seen:]), "nothing of it came here")
    for way in OWN_WAYS:
        eq(t.http(ferry, way=way).request("GET", "/livez").response().status, 200)
