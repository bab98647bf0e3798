"""Ferry-Once on a PUT makes a link that works once; what is neither ?0 nor ?1 is refused."""
from talk import *
from talk.slots import append, drip, slot, store


def run(t):
    ferry = t.ferry()
    data = b"burn after reading"
    s = slot(t, ferry, "once", len(data))
    for faulty in ("1", "yes", "?2"):
        eq(t.put(s.put, data, {"Ferry-Once": faulty}).status, 400, faulty)
    eq(t.put(s.put, b"", {"Ferry-Once": "?1", "Upload-Complete": "?0"}).status, 201)
    eq(append(t, s, data[:4], 0, False).status, 204)
    eq(append(t, s, data[4:], 4, True).status, 201)
    eq(t.get(s.get).body, data)
    drip(t, [], lambda: t.get(s.get).status == 410, "the link to be spent")
    s = store(t, ferry, "whole", data, headers={"Ferry-Once": "?1"})
    eq(t.get(s.get).body, data)
    drip(t, [], lambda: t.get(s.get).status == 410, "the link to be spent")
    s = store(t, ferry, "more", data, headers={"Ferry-Once": "?0"})
    eq(t.get(s.get).body, data)
    eq(t.get(s.get).body, data)
