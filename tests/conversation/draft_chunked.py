"""A part of unknown length (chunked) is taken; one that goes beyond the slot is refused in the middle with 413 and takes with it what
had come, and the slot may be used again; one that is said to be the last and is not gets 400, and its bytes stay."""
from talk import *
from talk.slots import PART, append, drip, offset, slot


def chunked(t, ferry, s, method, pieces, **headers):
    h = t.http(ferry)
    h.request(method, s.put_path, {"Transfer-Encoding": "chunked", **headers})
    for piece in pieces:
        h.write(b"%x\r\n%s\r\n" % (len(piece), piece))
    h.write(b"0\r\n\r\n")
    return h.response()


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a", 10)
    r = chunked(t, ferry, s, "PUT", [b"01", b"23"], **{"Upload-Complete": "?0"})
    eq((r.status, r["Upload-Offset"]), (201, "4"))
    part = {"Content-Type": PART, "Upload-Complete": "?0"}
    eq(chunked(t, ferry, s, "PATCH", [b"4"], **part, **{"Upload-Offset": 4})["Upload-Offset"], "5")
    r = chunked(t, ferry, s, "PATCH", [b"56"], **{**part, "Upload-Complete": "?1", "Upload-Offset": 5})
    eq((r.status, r["Upload-Complete"]), (400, "?0"))
    eq(offset(t, s), 7)
    r = chunked(t, ferry, s, "PATCH", [b"789"], **{**part, "Upload-Complete": "?1", "Upload-Offset": 7})
    eq((r.status, r["Upload-Complete"]), (201, "?1"))
    eq(t.get(s.get).body, b"0123456789")
    s = slot(t, ferry, "b", 10)
    eq(t.put(s.put, b"0123", {"Upload-Complete": "?0"}).status, 201)
    r = chunked(t, ferry, s, "PATCH", [b"45", b"6789x"], **part, **{"Upload-Offset": 4})
    eq(r.status, 413)

    def gone():
        r = t.head(s.put)
        ok(r.status in (204, 503), r.status)  # 503: its end is being written
        return r.status == 204 and r["Upload-Offset"] == "0"

    drip(t, [], gone, "its bytes to be gone")
    r = append(t, s, b"456789", 4, True)
    eq((r.status, r["Upload-Offset"]), (409, "0"))
    eq(t.put(s.put, b"9876543210").status, 201)
    eq(t.get(s.get).body, b"9876543210")
