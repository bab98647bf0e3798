"""Row 94: what a page of another origin may do, by every way in: no answer, whatever its status, names its origin or allows credentials;
what is open to it is open to everybody and by name. The admin listener says nothing to it, even to who is logged in there."""
from talk import *
from talk.slots import BROWSER, TUS, slot, store

EVIL = {"Origin": "https://evil.example", "Cookie": "lang=en; session=1", "Authorization": "Bearer x", "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
PREFLIGHT = {"Origin": "https://evil.example", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Private-Network": "true",
             "Access-Control-Request-Headers": "authorization, cookie, x-evil"}
ASKS = (("PUT", {}), ("PATCH", TUS), ("POST", {}), ("HEAD", {}), ("GET", {}), ("GET", {"Range": "bytes=0-0"}), ("GET", {"Range": "bytes=99-"}),
        ("GET", {"If-None-Match": "*"}), ("GET", {"If-Match": '"x"'}), ("DELETE", {}), ("BREW", {}), ("GET", BROWSER))


def closed(r, what):
    """Nothing for this origin alone."""
    ok(r["Access-Control-Allow-Origin"] in (None, "*"), f"{what}: {r.headers}")
    for name in ("Access-Control-Allow-Credentials", "Access-Control-Allow-Private-Network", "Timing-Allow-Origin", "Set-Cookie"):
        eq(r[name], None, f"{what}: {name}")
    ok("evil" not in r.raw_head.decode("latin-1"), f"{what}: {r.headers}")


def run(t):
    ferry = t.ferry(ways=True, users=[user("root", admin=True)])
    s, gone, empty = store(t, ferry, "a.txt", b"12345"), store(t, ferry, "b.txt", b"12345"), slot(t, ferry, "c.txt", 5)
    ferry.ctl("rm", gone.id)
    for way in HTTP_WAYS:
        for path, methods in ((s.get_path, {"GET", "HEAD", "POST", "DELETE", "OPTIONS"}), (s.download, {"GET", "HEAD", "POST", "OPTIONS"}),
                              (empty.put_path, {"HEAD", "PUT", "POST", "DELETE", "OPTIONS", "PATCH"})):
            r = t.http(ferry, way=way).request("OPTIONS", path, PREFLIGHT).response()
            eq((r.status, r["Access-Control-Allow-Origin"], set(r["Access-Control-Allow-Methods"].split(", "))), (204, "*", methods), f"{way}: {path}")
            allowed = [name.lower() for name in r["Access-Control-Allow-Headers"].split(", ")]
            ok(not {"*", "cookie", "x-evil"} & set(allowed), allowed)
            ok("*" not in t.get(s.get)["Access-Control-Expose-Headers"], "exposed by name")
            closed(r, path)
        for path in ("/", "/livez", "/w/ferry.css", "/nothing", "/api/v1/commands", "/admin/", "/metrics"):
            r = t.http(ferry, way=way).request("OPTIONS", path, PREFLIGHT).response()
            eq([n for n, _ in r.headers if n.startswith("Access-Control")], [], f"{way}: {path}")
        h = t.http(ferry, way=way)
        for path in (s.get_path, s.download, gone.get_path, empty.put_path, empty.get_path, "/u/forged/x", "/f/" + "A" * 38 + "/x", "/livez", "/"):
            for method, headers in ASKS:
                r = h.request(method, path, {**EVIL, **headers}).response()
                closed(r, f"{way}: {method} {path}")
                if r["Connection"] == "close":
                    h = t.http(ferry, way=way)
    eq(t.get(s.get).body, b"12345", "still there")

    host, port = ferry.address("admin")
    base = f"http://{host}:{port}"
    link = ferry.ctl("login-link", "root@localhost").out.strip().splitlines()[-1].split("\t")[-1]
    cookie = {"Cookie": t.fetch("POST", link, {"Origin": base})["Set-Cookie"].split(";")[0]}
    csrf = re.search(r'name="csrf" value="([^"]+)"', t.get(base + "/admin/", cookie).text)[1]
    before = ferry.ctl("ls").out
    for path in ("/admin/", "/admin/logout", f"/admin/delete/{s.id}", "/admin/login/x", "/api/v1/commands", "/api/v1/command/ls", "/api/v1/rm", "/metrics", "/"):
        for method in ("OPTIONS", "GET", "HEAD", "POST", "PUT", "DELETE"):
            for more in ({}, PREFLIGHT, {"Sec-Fetch-Site": "cross-site"}):
                body = b"csrf=" + csrf.encode() if method == "POST" and path.startswith("/admin") else b"{}" if method == "POST" else b""
                r = t.fetch(method, base + path, {**cookie, "Origin": "https://evil.example", **more}, body)
                eq([n for n, _ in r.headers if n.lower().startswith("access-control")], [], f"{method} {path}")
                ok(method != "POST" or r.status >= 400, f"{method} {path} got {r.status}")
    eq(t.get(base + "/admin/", cookie).status, 200, "not even logged out")
    eq(ferry.ctl("ls").out, before)
