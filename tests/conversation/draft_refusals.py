"""What the draft wants refused: another offset by 409 with the right one, another type by 415, missing words by 400, lengths that do
not agree by their problem type, too much by 413; nothing of it moves the offset."""
from talk import *
from talk.slots import PART, append, offset, slot

TYPES = "https://iana.org/assignments/http-problem-types#"


def run(t):
    ferry = t.ferry()
    data = b"0123456789"
    s = slot(t, ferry, "a", 10)
    eq(t.put(s.put, data[:4], {"Upload-Complete": "?0"}).status, 201)
    for at in (0, 3, 5, 10, 11, 999999999999999):
        r = append(t, s, b"", at, False)
        eq((r.status, r["Upload-Offset"], r["Upload-Complete"]), (409, "4", "?0"), f"{at}")
        eq((r.json["type"], r.json["expected-offset"], r.json["provided-offset"]), (TYPES + "mismatching-upload-offset", 4, at))
    for type in ("application/octet-stream", "application/offset+octet-stream", None):
        r = append(t, s, data[4:], 4, True, **{"Content-Type": type})
        eq((r.status, r["Accept-Patch"]), (415, PART), f"{type}")
    for at in (None, "-4", "four", "4.0", "1000000000000000"):
        eq(append(t, s, data[4:], at, True).status, 400, f"Upload-Offset: {at}")
    for complete in (None, "1", "?2"):
        eq(append(t, s, data[4:], 4, True, **{"Upload-Complete": complete}).status, 400, f"Upload-Complete: {complete}")
    twice = [("Content-Type", PART), ("Upload-Offset", 4), ("Upload-Complete", "?1"), ("Upload-Offset", 4)]
    eq(t.fetch("PATCH", s.put, twice, data[4:]).status, 400, "an item said twice")
    r = append(t, s, data[4:9], 4, True)
    eq((r.status, r.json["type"]), (400, TYPES + "inconsistent-upload-length"), "the last part is too short")
    r = append(t, s, data[4:], 4, True, **{"Upload-Length": "11"})
    eq((r.status, r.json["type"]), (400, TYPES + "inconsistent-upload-length"))
    r = append(t, s, data[4:] + b"x", 4, True)
    eq((r.status, r["Upload-Limit"]), (413, "max-size=10"))
    eq(t.put(s.put, data + b"x", {"Upload-Complete": "?0"}).status, 413)
    eq(t.put(s.put, data[:9], {"Upload-Complete": "?1"}).json["type"], TYPES + "inconsistent-upload-length")
    eq(t.fetch("POST", s.put, {}, data).status, 400, "a POST without Upload-Complete")
    eq(t.fetch("PATCH", ferry.url("/u/forged/a"), {"Content-Type": PART, "Upload-Offset": 4, "Upload-Complete": "?1"}, b"456789").status, 403)
    eq(offset(t, s), 4)
    eq(append(t, s, data[4:], 4, True, **{"Upload-Length": "10"}).status, 201)
    r = append(t, s, data[4:], 4, True)
    eq((r.status, r["Upload-Offset"]), (409, "10"), "it is complete")
    eq(t.get(s.get).body, data)
