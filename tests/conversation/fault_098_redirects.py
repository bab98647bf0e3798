"""Row 98: nothing that a request says becomes the place that a browser is sent to: every Location and Refresh, of every address that there is,
with every parameter and header that might name one, stays on the host that was asked."""
import itertools

from talk import *
from talk.external import secret_file, signed
from talk.slots import BROWSER, slot, store

EVIL = ("https://evil.example/", "//evil.example/", "/\\evil.example", "https:evil.example", "javascript:alert(1)", "%2f%2fevil.example", "evil.example%0d%0aX-Evil: 1")
NAMES = ("lang", "said", "owner", "state", "after", "v", "v2", "token", "csrf", "expires", "next", "url", "redirect", "redirect_uri", "return", "return_to",
         "continue", "goto", "dest", "r", "u", "to", "back", "file", "target")
HEADERS = ("Referer", "Origin", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Prefix", "X-Forwarded-Server", "Forwarded", "X-Original-URL",
           "X-Rewrite-URL", "X-Host", "Destination", "Location", "Refresh")


def stays(r, what):
    ok(b"evil" not in r.raw_head, f"{what}: {r.raw_head!r}")
    eq(r["Refresh"], None, what)
    for place in r.all("Location"):
        ok(re.match(r"/(?![/\\])", place), f"{what}: Location: {place}")
    ok(r.status // 100 != 3 or r.status in (303, 304), f"{what}: {r.status}")
    for url in re.findall(r"""http-equiv=["']?refresh["']?[^>]*content=["']?([^"'>]*)""", r.text):
        ok("url" not in url.lower(), f"{what}: refresh {url}")
    for url in re.findall(r"""(?:href|src|action)=["']?([^"'\s>]*)""", r.text):
        ok(re.match(r"/(?![/\\])|\?|#|$", url), f"{what}: {url}")


def run(t):
    ferry = t.ferry(users=[user("root", admin=True)], ways=True, conf={"external.secret_file": secret_file(t)})
    s, empty = store(t, ferry, "a.txt", b"12345"), slot(t, ferry, "b.txt", 5)
    paths = (s.get_path, s.download, empty.put_path, empty.get_path, "/", "/livez", "/nothing", "/w/ferry.css", "/upload/x/y", "/login", "/my")
    words = itertools.cycle(EVIL)
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)
        for path in paths:
            for method in ("GET", "POST", "HEAD", "OPTIONS"):
                query = "&".join(f"{name}={next(words).replace(' ', '+').replace(chr(92), '%5c')}" for name in NAMES)
                headers = {**BROWSER, **{name: next(words).replace("%0d%0a", "") for name in HEADERS}}
                r = h.request(method, f"{path}?{query}", headers).response()
                stays(r, f"{way}: {method} {path}")
                if r["Connection"] == "close":
                    h = t.http(ferry, way=way)
        for target in ("//evil.example/", "//evil.example/%2f..", "/%2fevil.example", "/\\evil.example", "/f//evil.example", "/https://evil.example/",
                       "/evil.example//", "/%0d%0aLocation:%20https://evil.example/"):
            stays(t.http(ferry, way=way).request("GET", target, BROWSER).response(), f"{way}: {target}")
        u = slot(t, ferry, "evil.example", 5) if way == "first" else slot(t, ferry, "c.txt", 5)
        r = t.http(ferry, way=way).request("PUT", u.put_path + "?next=//evil.example", {name: EVIL[0] for name in HEADERS}, b"12345").response()
        eq((r.status, r["Location"]), (201, u.get_path), way)
        ok("http" in r.text and r.text.startswith(ferry.url("/f/")), r.text)
        path = f"d{way}/n.txt"
        r = t.http(ferry, way=way).request("PUT", "/upload/" + signed(path, 5) + "&url=//evil.example", {"X-Forwarded-Host": "evil.example"}, b"12345").response()
        eq((r.status, r["Location"]), (201, f"/upload/{path}"), way)

    host, port = ferry.address("admin")
    base = f"http://{host}:{port}"
    link = ferry.ctl("login-link", "root@localhost").out.strip().splitlines()[-1].split("\t")[-1]
    r = t.fetch("POST", link + "?next=https://evil.example/", {"Origin": base, "Referer": "https://evil.example/"}, b"next=//evil.example")
    stays(r, "login")
    cookie = {"Cookie": r["Set-Cookie"].split(";")[0]}
    csrf = re.search(r'name="csrf" value="([^"]+)"', t.get(base + "/admin/", cookie).text)[1]
    for path in ("/", "/admin/", f"/admin/delete/{s.id}", "/admin/login/x", "/admin/logout", "/api/v1/commands", "/nothing"):
        for method in ("GET", "HEAD", "POST"):
            for name in NAMES:
                for word in EVIL[:3]:
                    if method == "POST" and "logout" in path and name == "csrf":
                        continue
                    body = f"{name}={word}&csrf={csrf}".encode() if method == "POST" and name in ("next", "url", "said") and path.startswith("/admin/d") else b""
                    r = t.fetch(method, f"{base}{path}?{name}={word.replace(chr(92), '%5c')}", {**cookie, "Referer": word, "Origin": base}, body)
                    ok(not (r["Location"] or "/").startswith("//") and b"evil" not in r.raw_head, f"{method} {path}: {r.raw_head!r}")
                    ok(re.match(r"/(?![/\\])", r["Location"] or "/admin"), f"{method} {path}: {r['Location']}")
