"""Row 88: 100-continue comes only for a PUT that will be taken; an unknown expectation gets 417; by every way in (nginx
says 100 by itself, and passes no Expect on)."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(ways=True)
    for way in HTTP_WAYS:
        own = way in OWN_WAYS
        s = slot(t, ferry, "a.txt", 5)
        h = t.http(ferry, way=way)
        h.request("PUT", "/u/x/a.txt", {"Expect": "100-continue", "Content-Length": 5})
        eq(h.response(interim=own).status, 403, way)
        if own:
            h.closed()
        for method, path in (("PUT", s.put_path), ("GET", "/livez")) if own else ():
            h = t.http(ferry, way=way)
            h.request(method, path, {"Expect": "miracles", "Content-Length": 5 if method == "PUT" else None})
            eq(h.response(interim=True).status, 417, f"{way}: {method}")
        h = t.http(ferry, way=way)
        h.request("PUT", s.put_path, {"Expect": "100-Continue", "Content-Length": 5})
        eq(h.response(interim=True).status, 100)
        h.write(b"12345")
        eq(h.response().status, 201)
