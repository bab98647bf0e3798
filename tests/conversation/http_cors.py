"""C37, row 94: a preflight from any origin is answered without login; methods and headers by name; never with credentials; the admin
listener opens itself to nobody."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.txt", 5)
    evil = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}
    for url, methods in ((s.put, {"PUT"}), (s.get, {"GET", "HEAD", "DELETE", "POST"})):
        r = t.fetch("OPTIONS", url, evil)
        eq(r.status // 100, 2)
        eq(r["Access-Control-Allow-Origin"], "*")
        eq(r["Access-Control-Allow-Credentials"], None)
        named = set(r["Access-Control-Allow-Methods"].split(", "))
        ok(methods <= named and "*" not in named, named)
        for name in ("Authorization", "Content-Type", "Range", "Content-Range", "If-Range", "If-None-Match"):
            ok(name in r["Access-Control-Allow-Headers"].split(", "), name)
    r = t.put(s.put, b"12345", {"Origin": "https://evil.example"})
    eq((r.status, r["Access-Control-Allow-Origin"]), (201, "*"))
    ok("Location" in r["Access-Control-Expose-Headers"])
    host, port = ferry.address("admin")
    for method, path in (("OPTIONS", "/admin/"), ("OPTIONS", "/api/v1/command"), ("GET", "/admin/")):
        r = t.fetch(method, f"http://{host}:{port}{path}", evil)
        eq([n for n, _ in r.headers if n.startswith("Access-Control")], [], path)
    r = t.fetch("OPTIONS", ferry.url("/nothing"), evil)
    eq((r.status, r["Access-Control-Allow-Origin"]), (404, None))
