"""Row 83: no path leads anywhere but to an id: 404, and 400 for %00 and bad escapes."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"12345")
    h = t.http(ferry)
    for path in ("/../../etc/passwd", "/f/../f", "/f/%2e%2e/%2e%2e/etc/passwd", "/f/%252e%252e/x", f"/f/{s.id}/..", f"/f/{s.id}/%2e%2e", f"/f/{s.id}/a%2fb",
                 f"/f/{s.id}/a%5cb", f"/f/{s.id}/%c0%ae%c0%ae", f"/f/{s.id}/x/y", f"/f//{s.id}/a.txt", f"/F/{s.id}/a.txt", f"/f/{s.id[:-1]}%00/a.txt",
                 "/w/../ferry.css", "/w/%2e%2e/x", "/f/", "/f", "/u/", "/d", "/..%5c..%5cx", f"/%66/{s.id}/a.txt"):
        h.request("GET", path)
        r = h.response()
        if "%00" in path:
            eq(r.status, 400, path)
            h.closed()
            h = t.http(ferry)
        else:
            ok(r.status in (404, 405), f"{path} got {r.status}")
    for path in ("/f/%", "/f/%zz/x", "/livez?a=%0", "/livez%00"):
        h = t.http(ferry)
        h.request("GET", path)
        h.expect_status(400)
    eq(t.get(ferry.url(f"/f/{s.id}/any%20name")).body, b"12345", "NAME is not checked")
