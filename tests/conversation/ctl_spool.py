"""ferryctl ls, show, extend, gc, rm on stored files: filters, beginnings of ids, exit codes."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    a, b = store(t, ferry, "a.txt", b"a" * 100), store(t, ferry, "b.txt", b"b" * 200)
    out = ferry.ctl("slot", "c.txt", "3", "--from", "alice@localhost", "--to", "bob@localhost").dict
    eq(t.put(out["put"], b"ccc").status, 201)
    c = out["get"].split("/")[4]

    names = lambda *args: [row["name"] for row in ferry.ctl("ls", "--json", *args).objects]
    eq(sorted(names()), ["a.txt", "b.txt", "c.txt"])
    eq(names("--from", "alice@localhost"), ["c.txt"])
    eq(names("--to", "bob@localhost"), ["c.txt"])
    eq(names("--to", "alice@localhost"), [])
    eq(len(names("--limit", "2")), 2)
    eq(names("--state", "receiving"), [])

    row = ferry.ctl("show", c[:12], "--json").objects[0]
    eq((row["id"], row["from"], row["to"], row["size"], row["state"], row["told"], row["url"]),
       (c, "alice@localhost", "bob@localhost", 3, "stored", "waiting", out["get"]))
    eq(row["sha256"], sha256(b"ccc"))
    for key in "id state took told from to name type size sha256 created stored expires url reason attempt purpose".split():
        ok(key in row, f"show has {key}")
    ferry.ctl("show", "zzzzzzzzzz", code=3)

    ferry.ctl("extend", a.id, "2h")
    ok(ferry.ctl("show", a.id).dict["expires"] < row["expires"], "extend counts from now")
    ferry.ctl("extend", "zzzzzzzzzz", "2h", code=3)
    ferry.ctl("extend", b.id, "1s")
    ferry.log_expect(f"{b.id[:12]} transfer stored -> expired")
    eq(t.get(b.get).status, 410)
    eq(sorted(names()), ["a.txt", "c.txt"])
    eq(sorted(names("--all")), ["a.txt", "b.txt", "c.txt"])
    eq(names("--state", "expired"), ["b.txt"])
    ferry.ctl("extend", b.id, "2h", code=3)
    eq(ferry.ctl("gc").dict, {"expired": "0", "unfinished": "0", "forgotten": "0"})

    eq(ferry.ctl("rm", a.id, c[:12]).rows, [[a.id], [c]])
    eq((t.get(a.get).status, t.get(out["get"]).status), (410, 410))
    eq(ferry.ctl("show", a.id).dict["reason"], "operator")
    ferry.ctl("rm", "zzzzzzzzzz", code=3)
    ferry.ctl("slot", "big.bin", "1T", code=6)
    eq(ferry.ctl("fsck").dict["files"], "0")
