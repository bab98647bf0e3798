"""Row 99: TRACE and CONNECT 405 with Allow, an unknown method 501, an HTTP/2 preface 400, TLS and SOCKS bytes: the end."""
from talk import *


def run(t):
    ferry = t.ferry()
    h = t.http(ferry)
    for method, target in (("TRACE", "/livez"), ("PATCH", "/livez"), ("DELETE", "/livez")):
        h.request(method, target)
        r = h.response()
        eq(r.status, 405, method)
        ok("GET" in r["Allow"], method)
    h.request("BREW", "/livez")
    h.expect_status(501)
    h = t.http(ferry)
    h.request("CONNECT", "example.org:443")
    ok(h.response().status in (400, 405, 501))
    h = t.http(ferry)
    h.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    eq(h.response().status, 400)
    h.closed()
    for data in (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"\x05\x01\x00"):
        h = t.http(ferry)
        h.write(data)
        h.closed()
