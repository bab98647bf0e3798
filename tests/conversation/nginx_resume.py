"""An upload goes on through nginx where it broke off: by the draft (HEAD tells the offset, PATCH brings the rest, a wrong offset is 409)
and by tus 1.0; a client that asks to be told at once (104) is not, since nginx would take that for the answer, but gets its answer."""
from talk import *
from talk.servers import in_front
from talk.slots import slot

DATA = bytes(range(256)) * 64
DRAFT = {"Content-Type": "application/partial-upload"}
TUS = {"Tus-Resumable": "1.0.0"}


def run(t):
    nginx, ferry = in_front(t)
    s = slot(t, ferry, "a.bin", len(DATA))
    h = t.http(nginx.base).request("PUT", s.put_path, {"Upload-Complete": "?1", "Content-Length": len(DATA)})
    h.write(DATA[:10000], quiet=True)
    ferry.log_expect("claimed attempt=1")
    h.abort()
    ferry.log_expect(r"http PUT /u aborted")
    r = t.head(s.put, {"Upload-Draft-Interop-Version": "8"})
    at = int(r["Upload-Offset"])
    eq((r.status, r["Upload-Complete"]), (204, "?0"))
    r = t.fetch("PATCH", s.put, {**DRAFT, "Upload-Offset": str(at + 1), "Upload-Complete": "?0"}, b"x")
    eq((r.status, r["Upload-Offset"]), (409, str(at)))
    r = t.fetch("PATCH", s.put, {**DRAFT, "Upload-Offset": str(at), "Upload-Complete": "?1"}, DATA[at:])
    eq(r.status, 201)
    eq(t.get(s.get).body, DATA)

    s = slot(t, ferry, "b.bin", len(DATA))
    eq(t.fetch("PATCH", s.put, {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "0"}, DATA[:5000]).status, 204)
    eq(t.head(s.put, TUS)["Upload-Offset"], "5000")
    r = t.fetch("PATCH", s.put, {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": "5000"}, DATA[5000:])
    eq((r.status, r["Upload-Offset"]), (204, str(len(DATA))))
    eq(t.get(s.get).body, DATA)

    s = slot(t, ferry, "c.bin", len(DATA))
    h = t.http(nginx.base).request("PUT", s.put_path, {"Upload-Draft-Interop-Version": "8", "Upload-Complete": "?1"}, DATA)
    eq(h.response().status, 201)
    eq(t.get(s.get).body, DATA)
