"""Row 95: HEAD, a prefetch, a preview bot, a browser's look, a part of it or a condition spends no one-time link, by every way in, as often
as it comes; then the first whole GET has it."""
from talk import *
from talk.slots import BROWSER
from urllib.parse import urlsplit

LOOKS = (("HEAD", {}), ("HEAD", BROWSER), ("GET", BROWSER), ("GET", {**BROWSER, "Sec-Purpose": "prefetch"}), ("OPTIONS", {}),
         ("GET", {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "empty", "Sec-Fetch-Mode": "no-cors"}), ("GET", {"Range": "bytes=0-3"}),
         ("GET", {"Range": "bytes=-1"}), ("GET", {"Range": "bytes=1-"}), ("GET", {"If-Match": '"x"'}), ("GET", {"Host": "evil.example"}),
         ("GET", {"Accept": "text/html", "User-Agent": "facebookexternalhit/1.1"}), ("DELETE", {}), ("PUT", {}),
         ("POST", {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}))


def run(t):
    ferry = t.ferry(ways=True)
    for way in HTTP_WAYS:
        out = ferry.ctl("slot", "a.txt", "10", "--once").dict
        eq(t.put(out["put"], b"0123456789").status, 201)
        path = urlsplit(out["get"]).path
        for _ in range(2):
            for method, headers in LOOKS:
                r = t.http(ferry, way=way).request(method, path, headers).response()
                ok(b"0123" not in r.body and r.status != 410, f"{way}: {method} {headers} got {r}")
        r = t.http(ferry, way=way).request("GET", path).response()
        eq((r.status, r.body), (200, b"0123456789"), way)
        t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
