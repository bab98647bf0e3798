"""Through nginx (contrib/nginx.conf) a file is what it is without: bytes, ranges, conditions, every header, HEAD, the page, CORS; and the
client's address is the one that is logged."""
from talk import *
from talk.servers import in_front
from talk.slots import BROWSER, store

DATA = bytes(range(256)) * 400
OWN = {"server", "date", "connection", "cache-control"}  # nginx's own; and max-age counts the seconds


def run(t):
    nginx, ferry = in_front(t)
    s = store(t, ferry, "Grüße & more.txt", DATA)
    store_html = store(t, ferry, "page.html", b"<script>alert(1)</script>")
    ok(s.get.startswith(nginx.base), s.get)
    etag = t.get(s.get)["ETag"]
    for path, headers, status in ((s.get_path, {}, 200), (s.download, {}, 200), (s.get_path, {"Range": "bytes=0-0"}, 206),
                                  (s.get_path, {"Range": "bytes=-1000"}, 206), (s.get_path, {"Range": "bytes=99999999-"}, 416),
                                  (s.get_path, {"Range": "bytes=0-1,5-9"}, None), (s.get_path, {"Range": "bytes=5-", "If-Range": '"x"'}, 200),
                                  (s.get_path, {"If-None-Match": etag}, 304), (s.get_path, {"If-Match": '"x"'}, 412),
                                  (s.get_path, {"Accept-Encoding": "gzip"}, 200), (store_html.get_path, {"Accept-Encoding": "gzip"}, 200),
                                  (s.get_path, BROWSER, 200), ("/f/" + "x" * 38 + "/a", {}, 404), ("/nothing", BROWSER, 404),
                                  ("/f/%zz", {}, 400), ("/livez", {}, 200)):
        for method in ("GET", "HEAD"):
            direct = t.http(ferry).request(method, path, headers).response()
            passed = t.http(nginx.base).request(method, path, headers).response()
            eq(passed.status, direct.status, f"{method} {path} {headers}")
            ok(status in (None, direct.status) or method == "HEAD", f"{direct.status} for {path} {headers}")
            if direct.status == 400:
                continue  # nginx says that by itself
            ok(passed.body == direct.body, f"the bodies of {method} {path} {headers}")
            kept = lambda r: sorted((n.lower(), v) for n, v in r.headers if n.lower() not in OWN)
            eq(kept(passed), kept(direct), f"{method} {path} {headers}")
    r = t.fetch("OPTIONS", s.put, {"Origin": "https://chat.example", "Access-Control-Request-Method": "PUT"})
    eq((r.status, r["Access-Control-Allow-Origin"]), (204, "*"))
    eq(t.fetch("TRACE", s.get).status, 405)

    since = ferry.log_mark()
    h = t.http(nginx.base, source="127.0.0.7").request("DELETE", s.get_path, {"Authorization": f"Bearer {s.delete_token}"})
    h.expect_status(204)
    ferry.log_expect(r"http DELETE /f status=204 peer=127\.0\.0\.7$", since)
    eq(t.get(s.get).status, 410)
