"""A browser's navigation to /f gets the download page; programs, parts and /d get bytes; the page works without scripts."""
from talk import *
from talk.slots import BROWSER, store
import hashlib


def run(t):
    ferry = t.ferry(conf={"storage.expire_after": "10d"})
    data = b"words\n" * 300
    s = store(t, ferry, "Bericht <b>&\"quoted\".txt", data)
    r = t.get(s.get, BROWSER)
    eq(r.status, 200)
    eq(r["Content-Type"], "text/html; charset=utf-8")
    for name in ("Sec-Fetch-Dest", "Sec-Fetch-Mode", "Accept"):
        ok(name in r["Vary"], name)
    page = r.text
    ok("<bdi dir=\"auto\">Bericht &lt;b&gt;&amp;&quot;quoted&quot;.txt</bdi>" in page, "the name, inert")
    ok("1.8 kB" in page, "the size in words")
    ok(hashlib.sha256(data).hexdigest() in page, "the checksum")
    ok("<details>" in page, "folded")
    ok(re.search(r'<time datetime="20\d\d-\d\d-\d\dT', page), "expiry in <time>")
    ok("Text (text/plain" in page, "the type in words")
    href = re.search(r'class="button" href="(/d/[^"]+)"', page)[1]
    eq(t.get(ferry.url(href)).body, data, "the button")
    csp = r["Content-Security-Policy"]
    ok("unsafe" not in csp and "default-src 'none'" in csp and "frame-ancestors 'none'" in csp, csp)
    ok(not re.search(r"<script>|<style|\sstyle=|\son[a-z]+=", page), "nothing inline")
    for path in re.findall(r'(?:href|src)="(/w/[^"]+)"', page):
        eq(t.get(ferry.url(path)).status, 200, path)
    ok("http://" not in page and "https://" not in page, "no other origin")
    ok(len(page) < 14000 and "Set-Cookie" not in [n for n, _ in r.headers], "small, and no cookie")

    eq(t.get(s.get, {"Accept": BROWSER["Accept"]})["Content-Type"], "text/html; charset=utf-8", "an old browser")
    for headers in ({}, {"Accept": "*/*"}, {**BROWSER, "Range": "bytes=0-"}, {**BROWSER, "Sec-Fetch-Dest": "image", "Sec-Fetch-Mode": "no-cors"},
                    {**BROWSER, "Sec-Fetch-Mode": "cors"}):
        eq(t.get(s.get, headers).body, data, f"bytes for {headers}")
    eq(t.get(ferry.url(s.download), BROWSER).body, data, "/d is always the bytes")
    head = t.head(s.get, BROWSER)
    eq((head.status, head["Content-Length"]), (200, r["Content-Length"]))
