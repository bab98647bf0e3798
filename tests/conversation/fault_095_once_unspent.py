"""C41, row 95: HEAD, pages, parts and a browser that looks ahead spend nothing, however often."""
from talk import *
from talk.slots import BROWSER


def run(t):
    ferry = t.ferry()
    data = b"0123456789"
    out = ferry.ctl("slot", "a.txt", "10", "--once").dict
    eq(t.put(out["put"], data).status, 201)
    for _ in range(2):
        r = t.head(out["get"])
        eq((r.status, r["Content-Length"]), (200, "10"))
        eq(t.head(out["get"], BROWSER).status, 200)
        for headers in (BROWSER, {"Accept": BROWSER["Accept"], "User-Agent": "PreviewBot/1.0"}, {"Sec-Purpose": "prefetch;prerender", "Sec-Fetch-Dest": "empty",
                                                                                                "Sec-Fetch-Mode": "no-cors"}):
            r = t.get(out["get"], headers)
            eq((r.status, r["Content-Type"]), (200, "text/html; charset=utf-8"))
        for part in ("bytes=0-3", "bytes=5-", "bytes=-1", "bytes=0-8", "bytes=99-"):
            r = t.get(out["get"], {"Range": part})
            eq((r.status, r["Content-Range"]), (416, "bytes */10"), part)
            ok(b"123" not in r.body, "nothing of it")
        eq(t.fetch("OPTIONS", out["get"]).status, 204)
        eq(t.get(out["get"], {"If-Match": '"x"'}).status, 412)
    eq(ferry.ctl("get", out["get"].split("/f/")[1].split("/")[0], t.path("copy")).code, 0)  # the operator's own look
    r = t.get(out["get"], {"Range": "bytes=0-"})  # players and download managers ask for all of it so
    eq((r.status, r.body), (200, data))
    t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
