"""Row 73: forged, truncated, flipped and foreign tokens all get the same 403 before any body byte; an expired one too."""
from talk import *
from talk.slots import slot, span


def run(t):
    ferry = t.ferry(conf={"slots.put_deadline": "1s"})
    s = slot(t, ferry, "a.txt", 5)
    token = s.put_path.split("/")[2]
    flipped = token[:20] + ("A" if token[20] != "A" else "B") + token[21:]
    answers = set()
    for bad in (flipped, token[:-1], token[:10], token + "A", "A" * len(token), s.id, "x", "%2e" + token):
        h = t.http(ferry)
        h.request("PUT", f"/u/{bad}/a.txt", {"Expect": "100-continue", "Content-Length": 5})
        r = h.response(interim=True)
        eq(r.status, 403, f"{bad[:12]}…")
        answers.add(r.body)
        h.closed()
    eq(len(answers), 1, "no oracle between the cases")
    late = slot(t, ferry, "b.txt", 5)
    span(t, 2.1)
    r = t.put(late.put, b"12345")
    eq(r.status, 403)
    eq(r.body, answers.pop(), "an expired slot looks the same")
    eq(t.get(late.get).status, 404)
    eq(ferry.spool_files() and [f for f in ferry.spool_files() if "/tmp/" in f], [], "nothing was begun")
