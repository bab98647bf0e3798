"""A PATCH that cannot succeed is refused before its body and before 100-continue."""
from talk import *
from talk.slots import PART, slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a", 10)
    eq(t.put(s.put, b"0123", {"Upload-Complete": "?0"}).status, 201)
    for changed, status in (({"Upload-Offset": 3, "Content-Length": 7}, 409), ({"Content-Type": "text/plain"}, 415),
                            ({"Content-Length": 7}, 413), ({"Upload-Complete": None}, 400), ({"Tus-Resumable": "0.2.2"}, 412)):
        h = t.http(ferry)
        h.request("PATCH", s.put_path, {"Expect": "100-continue", "Content-Type": PART, "Upload-Offset": 4, "Upload-Complete": "?1",
                                        "Content-Length": 6, **changed})
        eq(h.response(interim=True).status, status, f"{changed}")
        h.closed()
