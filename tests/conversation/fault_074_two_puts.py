"""Row 74: two PUTs into one slot: exactly one 201, the other 409, bytes never mixed; a third afterwards 409."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    size = 400_000
    a, b = b"a" * size, b"b" * size
    s = slot(t, ferry, "a.bin", size)
    one, two = t.http(ferry, name="one"), t.http(ferry, name="two")
    for h, data in ((one, a), (two, b)):
        h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": size})
        eq(h.response(interim=True).status, 100)
        h.write(data[:size // 2], quiet=True)
    one.write(a[size // 2:], quiet=True)
    two.write(b[size // 2:], quiet=True)
    statuses = {"a": one.response().status, "b": two.response().status}
    eq(sorted(statuses.values()), [201, 409], f"{statuses}")
    winner = a if statuses["a"] == 201 else b
    eq(t.get(s.get).body, winner)
    r = t.put(s.put, b"c" * size)
    eq(r.status, 409)
    eq(r.json["type"], "urn:ferry:problem:slot-used")
    eq(t.get(s.get).body, winner)
