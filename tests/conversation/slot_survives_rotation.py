"""`keys rotate` seals new slots with a new key at once and keeps the old ones good, after a restart too; a rotation long after drops them.
Ids, links and delete tokens outlive every rotation."""
from talk import *


def key_of(put):
    return put.split("/u/")[1][:5]  # four bytes of key id, and a bit


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    stored, get, _ = alice.slot("kept.txt", 4)
    created = t.put(stored, b"kept")
    eq(created.status, 201)
    first = [r["id"] for r in ferry.ctl("keys", "ls", "--json").objects if r["use"] == "slots"]
    eq(len(first), 1)
    old = [alice.slot(f"old{i}.txt", 5) for i in range(3)] + [alice.slot("\u6587" * 80 + ".txt", 5, "text/" + "x" * 240)]
    out = ferry.ctl("keys", "rotate").dict
    eq((out["kept"], out["dropped"]), ("1", "0"))
    rows = ferry.ctl("keys", "ls", "--json").objects
    eq([(r["id"], r["use"], r["state"]) for r in rows[:2]], [(first[0], "slots", "opens"), (out["id"], "slots", "seals")])
    eq((rows[2]["use"], rows[2]["state"]), ("passwords", "seals"))
    ok(all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", r["made"]) for r in rows), rows)
    new = [alice.slot(f"new{i}.txt", 5) for i in range(2)]
    eq(len({key_of(s[0]) for s in old}), 1)
    ok(key_of(new[0][0]) != key_of(old[0][0]), "another key")
    eq(t.put(old[0][0], b"bytes").status, 201)
    eq(t.put(new[0][0], b"bytes").status, 201)
    alice.close()
    ferry.restart(kill=True)
    eq(t.put(old[1][0], b"bytes").status, 201)
    eq(t.put(old[3][0], b"bytes", {"Content-Type": "text/" + "x" * 240}).status, 201)
    eq(t.put(new[1][0], b"bytes").status, 201)
    eq(ferry.ctl("keys", "rotate").dict["dropped"], "0")
    ferry.stop()
    ferry.env["FERRYD_TEST_WALL_OFFSET"] = str(9 * 86400)
    ferry.start()
    eq([r["state"] for r in ferry.ctl("keys", "ls", "--json").objects if r["use"] == "slots"], ["past", "past", "seals"])
    eq(ferry.ctl("keys", "rotate").dict["dropped"], "2")
    eq(t.put(old[2][0], b"bytes").status, 403, "nobody's key any more")
    for link, body in ((get, b"kept"), (old[0][1], b"bytes"), (new[1][1], b"bytes")):
        eq(t.get(link).body, body)
    eq(t.delete(get, {"Authorization": f"Bearer {created['Ferry-Delete']}"}).status, 204)
