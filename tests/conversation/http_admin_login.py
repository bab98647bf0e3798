"""The one-time login link: GET and HEAD leave it unspent, POST spends it once; the cookie is HttpOnly and SameSite=Strict; log out ends
the session. C41, rows 127, 132."""
from talk import *


def run(t):
    ferry = t.ferry(users=[user("root", admin=True), "bob"])
    host, port = ferry.address("admin")
    base = f"http://{host}:{port}"
    eq(ferry.ctl("login-link", "bob@localhost", code=None).code, 4)
    eq(ferry.ctl("login-link", "nobody@localhost", code=None).code, 3)
    link = ferry.ctl("login-link", "root@localhost").out.strip().splitlines()[-1].split("\t")[-1]
    ok(link.startswith(base + "/admin/login/"), link)
    r = t.get(base + "/admin/")
    eq(r.status, 401)
    ok(r["WWW-Authenticate"], "RFC 9110 15.5.2")
    ok("login-link" in r.text, "says how to log in")
    for _ in range(3):
        r = t.get(link)
        eq(r.status, 200)
        ok('<form method="post">' in r.text and "root@localhost" in r.text)
        eq(r["Set-Cookie"], None)
    eq(t.head(link).status, 200)
    eq(t.fetch("POST", link, {"Origin": "https://evil.example"}).status, 403)
    eq(t.fetch("POST", link, {"Origin": "null", "Sec-Fetch-Site": "cross-site"}).status, 403)
    r = t.fetch("POST", link, {"Origin": base})
    eq((r.status, r["Location"]), (303, "/admin/"))
    ok("HttpOnly" in r["Set-Cookie"] and "SameSite=Strict" in r["Set-Cookie"], r["Set-Cookie"])
    cookie = {"Cookie": r["Set-Cookie"].split(";")[0]}
    again = t.fetch("POST", link, {"Origin": base})
    eq((again.status, again["Set-Cookie"]), (410, None))
    eq(t.get(link).status, 410)
    page = t.get(base + "/admin/", cookie)
    eq(page.status, 200)
    ok("root@localhost" in page.text)
    eq(t.get(base + "/admin/", {"Cookie": "ferry_admin=" + "A" * 32}).status, 401)
    eq(t.get(base + "/%61dmin/", cookie).status, 404, "no second spelling")
    eq(t.get(base + "/admin/", {**cookie, "Host": "evil.example"}).status, 421)
    csrf = re.search(r'name="csrf" value="([^"]+)"', page.text)[1]
    eq(t.fetch("POST", base + "/admin/logout", cookie, b"csrf=wrong").status, 403)
    eq(t.fetch("POST", base + "/admin/logout", cookie, b"csrf=" + csrf.encode()).status, 303)
    eq(t.get(base + "/admin/", cookie).status, 401)
