"""Row 73: forged, truncated, flipped and foreign tokens all get the same 403 before any body byte, by every way in and for every method
that uploads; an expired one too."""
from talk import *
from talk.slots import PART, slot, span

DRAFT = {"Content-Type": PART, "Upload-Offset": 0, "Upload-Complete": "?1"}


def run(t):
    ferry = t.ferry(ways=True, conf={"slots.put_deadline": "1s"})
    s = slot(t, ferry, "a.txt", 5)
    token = s.put_path.split("/")[2]
    flipped = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    answers = set()
    for way in HTTP_WAYS:
        for method, more in (("PUT", {}), ("PATCH", DRAFT), ("POST", {"Upload-Complete": "?1"})):
            for bad in (flipped, token[:-1], token[:10], token + "A", "A" * len(token), s.id, "x", "%2e" + token):
                h = t.http(ferry, way=way)
                h.request(method, f"/u/{bad}/a.txt", {"Expect": "100-continue", "Content-Length": 5, **more})
                r = h.response(interim=way in OWN_WAYS)  # nginx says 100 by itself
                eq(r.status, 403, f"{way}: {method} {bad[:12]}…")
                answers.add(r.body)
                if way in OWN_WAYS:
                    h.closed()
            h = t.http(ferry, way=way)
            eq(h.request("HEAD", f"/u/{flipped}/a.txt").response().status, 403)
            eq(h.request("DELETE", f"/u/{flipped}/a.txt").response().status, 403)
    eq(len(answers), 1, "no oracle between the cases")
    late = slot(t, ferry, "b.txt", 5)
    span(t, 2.1)
    for way in HTTP_WAYS:
        r = t.http(ferry, way=way).request("PUT", late.put_path, {}, b"12345").response()
        eq((r.status, r.body in answers), (403, True), "an expired slot looks the same")
    eq(t.get(late.get).status, 404)
    eq(ferry.spool_files() and [f for f in ferry.spool_files() if "/tmp/" in f], [], "nothing was begun")
