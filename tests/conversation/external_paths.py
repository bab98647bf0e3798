"""Below [external] path only DIR/NAME and USER/DIR/NAME are addresses, in one spelling or another the same file; everything else is 404
(400 for a bad escape), however well it is signed; other origins may ask (CORS)."""
import hashlib
import hmac

from talk import *
from talk.external import SECRET, secret_file, signed


def run(t):
    ferry = t.ferry(conf={"external.secret_file": secret_file(t)})
    sign = lambda path: hmac.new(SECRET.encode(), f"{path} 2".encode(), hashlib.sha256).hexdigest()
    for path, raw, status in (("a", "a", 404), ("a/", "a/", 404), ("/b", "/b", 404), ("a//b", "a//b", 404), ("a/b/c/d", "a/b/c/d", 404),
                              ("a/..", "a/%2e%2e", 404), ("../a", "../a", 404), ("a/b/c", "a/b%2Fc", 404), ("a/b\\c", "a/b%5Cc", 404),
                              ("a/b\0", "a/b%00", 400), ("a/b", "a/%zz", 400), ("a/\xff", "a/%ff", 404)):
        for method in ("PUT", "GET", "DELETE"):
            h = t.http(ferry).request(method, f"/upload/{raw}?v={sign(path)}", {}, b"hi" if method == "PUT" else b"")
            eq(h.response().status, status, f"{method} {raw}")
    eq(t.get(ferry.url("/upload")).status, 404)
    eq(t.get(ferry.url("/uploads/a/b")).status, 404)

    eq(t.put(ferry.url("/upload/" + signed("u/d/a b.txt", 2)), b"hi").status, 201, "three parts, as ejabberd has them")
    for same in ("u/d/a%20b.txt", "%75/d/a%20b%2Etxt", "u/d/a%20b.txt?v=x"):
        eq(t.get(ferry.url("/upload/" + same)).body, b"hi", same)
    r = t.fetch("PATCH", ferry.url("/upload/u/d/x"))
    eq((r.status, r["Allow"]), (405, "GET, HEAD, PUT, POST, DELETE, OPTIONS"))

    r = t.fetch("OPTIONS", ferry.url("/upload/u/d/x"), {"Origin": "https://chat.example", "Access-Control-Request-Method": "PUT",
                                                       "Access-Control-Request-Headers": "authorization"})
    eq((r.status, r["Access-Control-Allow-Origin"]), (204, "*"))
    ok("PUT" in r["Access-Control-Allow-Methods"] and "Authorization" in r["Access-Control-Allow-Headers"], f"{r.headers}")
    r = t.put(ferry.url("/upload/" + signed("u/d/x", 2)), b"hi", {"Origin": "https://chat.example"})
    eq((r.status, r["Access-Control-Allow-Origin"]), (201, "*"))
