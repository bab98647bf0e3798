"""Row 99: TRACE and CONNECT 405 with Allow, an unknown method 501, an HTTP/2 preface 400, TLS and SOCKS bytes: the end; by every way in."""
from talk import *

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
TLS = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
SOCKS = b"\x05\x01\x00"


def run(t):
    ferry = t.ferry(ways=True, conf={"limits.head": "2s"})
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)
        for method in ("TRACE", "PATCH", "DELETE", "POST", "PUT"):
            r = h.request(method, "/livez").response()
            eq(r.status, 405, f"{way}: {method}")
            ok(by_nginx(r) or "GET" in r["Allow"], method)
            if by_nginx(r):
                h = t.http(ferry, way=way)
        for method in ("BREW", "PROPFIND", "get", "LOCK"):
            h.request(method, "/livez")
            eq(h.response().status, 501 if method != "get" or way in OWN_WAYS else 400, f"{way}: {method}")
            if method == "get" and way in NGINX_WAYS:
                h = t.http(ferry, way=way)
        h = t.http(ferry, way=way).request("CONNECT", "example.org:443")
        ok(h.response().status in (400, 405, 501), way)
        # An upgrade is not taken, and what is not HTTP has no second word.
        h = t.http(ferry, way=way)
        eq(h.request("GET", "/livez", {"Connection": "Upgrade, HTTP2-Settings", "Upgrade": "h2c", "HTTP2-Settings": "AAMAAABk"}).response().status, 200, way)
        h = t.http(ferry, way=way)
        h.write(PREFACE)
        ok(h.response().status in ((400, 505) if way == "later" else (400,)), way)
        ok(b"HTTP/1.1 " not in h.read_all())
    for data in (TLS, SOCKS, b"\0" * 100, b"\xff" * 100):
        for way in DIRECT_WAYS + TLS_WAYS:
            h = t.http(ferry, way=way)
            h.write(data + b"\r\n\r\n")
            got = h.read_all()
            ok(not got if way.endswith("first") else got[:13] in (b"", b"HTTP/1.1 400 ", b"HTTP/1.1 505 "), f"{way}: {data[:11]!r} got {got[:300]!r}")
        for way in NGINX_WAYS:
            h = t.http(ferry, way=way)
            h.write(data + b"\r\n\r\n")
            ok(b" 400 " in h.read_all()[:40], way)
    # To the port of HTTPS without TLS, and to that of HTTP with it.
    h = t.dial(*ferry.address("https"))
    h.write(SOCKS)
    eq(h.read_all()[:1] in (b"", b"\x15"), True, "an alert or nothing")
