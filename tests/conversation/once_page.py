"""A browser gets a page with a button for a one-time link, on /f and /d; the button POSTs, and that is the one fetch; it needs no script.
Another site's page cannot press it."""
from talk import *
from talk.slots import BROWSER
from urllib.parse import urlsplit


def run(t):
    ferry = t.ferry()
    out = ferry.ctl("slot", "secret plan.txt", "5", "--once").dict
    eq(t.put(out["put"], b"12345").status, 201)
    path = urlsplit(out["get"]).path
    for url in (out["get"], ferry.url("/d" + path[2:])):
        page = t.get(url, BROWSER)
        eq((page.status, page["Cache-Control"]), (200, "private, no-store"))
        ok('<form method="post"><button class="button" type="submit">Download' in page.text, "the button")
        ok("works once" in page.text and "/d/" not in page.text, "it says so, and has no link to the bytes")
        described = re.search(r'name="description" content="([^"]*)"', page.text)[1]
        ok("secret" not in described and "secret" not in re.search(r"<title>(.*?)</title>", page.text)[1], "a preview shows no name")
    zh = t.get(out["get"], {**BROWSER, "Accept-Language": "zh-CN"}).text
    ok("此链接仅可使用一次" in zh and "works once" not in zh, "Chinese")

    form = {**BROWSER, "Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}
    eq(t.fetch("POST", out["get"], {**form, "Sec-Fetch-Site": "cross-site"}).status, 403)
    r = t.fetch("POST", out["get"], form)
    eq((r.status, r.body), (200, b"12345"))
    ok(r["Content-Disposition"].startswith("attachment;") and r["X-Content-Type-Options"] == "nosniff", r.headers)
    t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
    again = t.fetch("POST", out["get"], form)
    eq(again.status, 410)
    ok("This link was used" in again.text, "the page of a used link")
    other = ferry.ctl("slot", "a.txt", "5").dict
    t.put(other["put"], b"12345")
    eq(t.fetch("POST", other["get"], form).status, 401, "a common file has no such button")
    eq(t.fetch("POST", other["get"], form, b"x" * 5000).status, 413)
