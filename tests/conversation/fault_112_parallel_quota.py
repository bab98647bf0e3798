"""Row 112: of 64 parallel uploads of one user exactly those that fit are stored; the rest is refused with 507, and what
was refused takes nothing of the quota."""
from talk import *

SIZE, FIT, ALL = 10_000, 20, 64


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.user_quota": str(SIZE * FIT + SIZE // 2), "limits.per_address": "0"})
    data = b"q" * SIZE
    puts = [ferry.ctl("slot", f"{i}.bin", SIZE, "--from", "alice@localhost").dict["put"].partition("localhost")[2].partition("/")[2]
            for i in range(ALL)]
    wires = [t.http(ferry, name=f"put{i}") for i in range(ALL)]
    for h, put in zip(wires, puts):
        h.request("PUT", "/" + put, {"Content-Length": SIZE, "Expect": "100-continue"})
    stored = refused = 0
    for h in wires:
        r = h.response(interim=True)
        if r.status == 100:
            h.write(data)
            r = h.response()
        ok(r.status in (201, 507), f"told {r.status}")
        stored, refused = stored + (r.status == 201), refused + (r.status == 507)
    eq((stored, refused), (FIT, ALL - FIT), "stored, refused")
    rows = ferry.ctl("ls", "--json").objects
    eq(len([r for r in rows if r["state"] == "stored"]), FIT)
    ferry.ctl("rm", rows[0]["id"])
    left = [p for p, h in zip(puts, wires)]
    eq(sum(t.put(ferry.url("/" + p), b"r" * SIZE).status == 201 for p in left), 1, "after one was removed")
    eq(ferry.ctl("fsck").code, 0)
