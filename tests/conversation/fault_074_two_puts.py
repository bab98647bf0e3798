"""Row 74: two PUTs into one slot, by any two ways in: exactly one 201, the other 409, bytes never mixed; a third afterwards 409."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(ways=True)
    size = 400_000
    a, b = b"a" * size, b"b" * size
    for i, way in enumerate(HTTP_WAYS):
        s = slot(t, ferry, "a.bin", size)
        one, two = t.http(ferry, way=way), t.http(ferry, way=HTTP_WAYS[(i + 3) % len(HTTP_WAYS)])
        for h, data in ((one, a), (two, b)):
            h.request("PUT", s.put_path, {"Expect": "100-continue", "Content-Length": size})
            eq(h.response(interim=True).status, 100)
            h.write(data[:size // 2], quiet=True)
        one.write(a[size // 2:], quiet=True)
        two.write(b[size // 2:], quiet=True)
        statuses = {"a": one.response().status, "b": two.response().status}
        eq(sorted(statuses.values()), [201, 409], f"{way}: {statuses}")
        winner = a if statuses["a"] == 201 else b
        ok(t.get(s.get).body == winner, "the winner's bytes")
        r = t.http(ferry, way=way).request("PUT", s.put_path, {}, b"c" * size).response()
        eq((r.status, r.json["type"]), (409, "urn:ferry:problem:slot-used"), way)
        ok(t.get(s.get).body == winner, "still the winner's bytes")
