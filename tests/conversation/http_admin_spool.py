"""The admin page lists the spool with totals, pages through it, and deletes one file by a form with a token; names are inert."""
from talk import *
from talk.slots import store
import json


def log_in(t, ferry):
    host, port = ferry.address("admin")
    link = ferry.ctl("login-link", "root@localhost").out.strip().splitlines()[-1].split("\t")[-1]
    r = t.fetch("POST", link)
    return f"http://{host}:{port}", {"Cookie": r["Set-Cookie"].split(";")[0]}


def run(t):
    ferry = t.ferry(users=[user("root", admin=True)])
    base, cookie = log_in(t, ferry)
    files = [store(t, ferry, f"file{i}.txt", b"12345") for i in range(53)]
    nasty = store(t, ferry, "<img onerror=x>'\"&.txt", b"1234567")
    page = t.get(base + "/admin/", cookie)
    eq(page.status, 200)
    ok("&lt;img onerror=x&gt;&#39;&quot;&amp;.txt" in page.text or "&lt;img onerror=x&gt;&apos;&quot;&amp;.txt" in page.text, "escaped")
    ok("<img onerror" not in page.text)
    ok(re.search(r"<dd>54 \(\d+ B\)</dd>", page.text), "totals")
    eq(page.text.count('<tr role="row">') - 1, 50, "a page of rows")
    follow = re.search(r'rel="next" href="([^"]+)"', page.text)[1].replace("&amp;", "&")
    second = t.get(base + follow, cookie)
    eq(second.text.count('<tr role="row">') - 1, 4)
    eq(len(set(re.findall(r"/admin/delete/([\w-]+)", page.text + second.text))), 54, "each once")

    target = files[-1]
    confirm = t.get(f"{base}/admin/delete/{target.id}", cookie)
    eq(confirm.status, 200)
    csrf = re.search(r'name="csrf" value="([^"]+)"', confirm.text)[1].encode()
    eq(t.get(target.get).status, 200, "GET deletes nothing")
    for body, headers, status in ((b"", cookie, 403), (b"csrf=stale", cookie, 403), (b"csrf=" + csrf, {}, 401),
                                  (b"csrf=" + csrf, {**cookie, "Origin": "https://evil.example"}, 403)):
        eq(t.fetch("POST", f"{base}/admin/delete/{target.id}", headers, body).status, status)
    eq(t.get(target.get).status, 200)
    r = t.fetch("POST", f"{base}/admin/delete/{target.id}", {**cookie, "Origin": base}, b"csrf=" + csrf)
    eq((r.status, r["Location"]), (303, "/admin/?said=gone"))
    eq(t.get(target.get).status, 410)
    eq(t.fetch("POST", f"{base}/admin/delete/{target.id}", cookie, b"csrf=" + csrf).status, 303, "twice does no harm")
    eq(t.get(f"{base}/admin/delete/{'A' * 38}", cookie).status, 404)
    eq(t.get(f"{base}/admin/?state=removed", cookie).text.count('<tr role="row">') - 1, 1, "a filter")

    def api(headers):
        return t.fetch("POST", base + "/api/v1/command", headers, json.dumps({"command": "ping"}).encode())
    eq(api(cookie).status, 403)
    eq(api({**cookie, "Origin": "https://evil.example"}).status, 403)
    eq(api({**cookie, "Ferry-CSRF": "wrong"}).status, 403)
    eq(api({**cookie, "Origin": base}).json["exit"], 0)
    eq(api({**cookie, "Ferry-CSRF": csrf.decode()}).json["exit"], 0)
