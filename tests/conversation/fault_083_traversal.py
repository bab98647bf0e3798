"""Row 83: no path leads anywhere but to an id, by every way in: 404, and 400 for %00 and bad escapes."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(ways=True)
    s = store(t, ferry, "a.txt", b"12345")
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)
        for path in ("/../../etc/passwd", "/f/../f", "/f/%2e%2e/%2e%2e/etc/passwd", "/f/%252e%252e/x", f"/f/{s.id}/..", f"/f/{s.id}/%2e%2e",
                     f"/f/{s.id}/a%2fb", f"/f/{s.id}/a%5cb", f"/f/{s.id}/%c0%ae%c0%ae", f"/f/{s.id}/x/y", f"/f//{s.id}/a.txt", f"/F/{s.id}/a.txt",
                     "/w/../ferry.css", "/w/%2e%2e/x", "/f/", "/f", "/u/", "/d", "/..%5c..%5cx", f"/%66/{s.id}/a.txt", "/u/../f/x", "//f//x",
                     f"/x/../f/{s.id}/a.txt", f"/f/{s.id}%2fa.txt", f"/f%2f{s.id}/a.txt", f"/./f/{s.id}/a.txt", f"/f/{s.id};/a.txt"):
            r = h.request("GET", path).response()
            ok(r.status in (404, 405) or by_nginx(r), f"{way}: {path} got {r.status}")
            if r["Connection"] == "close":
                h = t.http(ferry, way=way)
        for path in (f"/f/{s.id[:-1]}%00/a.txt", f"/f/{s.id}/a%00.txt", "/f/%", "/f/%zz/x", "/livez?a=%0", "/livez%00", f"/f/{s.id}/%2"):
            h = t.http(ferry, way=way)
            r = h.request("GET", path).response()
            eq(r.status, 400, f"{way}: {path}")
            if way in OWN_WAYS:
                h.closed()
        eq(t.http(ferry, way=way).request("GET", f"/f/{s.id}/any%20name").response().body, b"12345", "NAME is not checked")
