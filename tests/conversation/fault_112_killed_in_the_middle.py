"""Row 112: kill -9 while 64 uploads race for the room of 20: after each start the figures are exact (fsck finds nothing), nothing
acknowledged is missing, and in the end exactly 20 are stored."""
from talk import *

SIZE, FIT, ALL = 30_000, 20, 64


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.user_quota": str(SIZE * FIT + SIZE // 2), "limits.per_address": "0"})
    slots = [ferry.ctl("slot", f"{i}.bin", SIZE, "--from", "alice@localhost").dict for i in range(ALL)]
    done = set()

    def race(until):
        """All that are not stored yet, at once, until so many more are; the others are left half written."""
        wires = {i: t.http(ferry, name=f"put{i}") for i in range(ALL) if i not in done}
        for i, h in wires.items():
            h.request("PUT", "/" + slots[i]["put"].split("/", 3)[3], {"Content-Length": SIZE, "Expect": "100-continue"})
        answers = {i: h.response(interim=True).status for i, h in wires.items()}
        ok(set(answers.values()) <= {100, 507}, f"told {answers}")
        going = [i for i, status in answers.items() if status == 100]
        eq(len(going) + len(done), FIT, "admitted")
        for i in going:
            wires[i].write(b"%d" % (i % 10) * (SIZE // 2))
        for i in going[:until]:
            wires[i].write(b"%d" % (i % 10) * (SIZE - SIZE // 2))
            eq(wires[i].response().status, 201)
            done.add(i)
        return wires

    for until in (0, 5, 9, FIT):
        wires = race(until)
        for h in wires.values() if until == FIT else ():
            h.close()
        if until < FIT:
            ferry.restart(kill=True)
            for h in wires.values():
                h.close()
        p = ferry.ctl("fsck")
        eq(p.dict["figures"], "0", p.out)
        rows = ferry.ctl("ls", "--state", "stored", "--json").objects
        eq({r["id"] for r in rows}, {slots[i]["get"].split("/")[4] for i in done}, "what was acknowledged, and nothing else")
        eq(ferry.ctl("user", "quota", "alice@localhost").dict["used"], str(SIZE * len(done)))
    eq(len(done), FIT)
    for i in done:
        eq(t.get(slots[i]["get"]).body, b"%d" % (i % 10) * SIZE)
