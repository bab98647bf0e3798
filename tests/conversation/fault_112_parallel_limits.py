"""Row 112: of 64 uploads at once exactly those that fit are stored, whichever limit it is: the number of a user's files, the bytes of a
purpose, the number and the bytes of files left for somebody by 64 different people, everybody's total; fetched files make room for
exactly as many as they are."""
from talk import *

TIME_LIMIT = 240  # hundreds of slots, each by a ferryctl
SIZE, FIT, ALL = 4000, 20, 64


def run(t):
    for name, conf, words, says in (
            ("files", {"user_files": FIT}, ("--from", "alice@localhost"), "files-full"),
            ("purpose", {"quota_profile": SIZE * FIT + 17}, ("--from", "alice@localhost", "--purpose", "profile"), "purpose-full"),
            ("inbox", {"inbox_files": FIT}, ("--from", "u{}@localhost", "--to", "bob@localhost"), "inbox-full"),
            ("inbox", {"inbox_quota": SIZE * FIT}, ("--from", "u{}@localhost", "--to", "bob@localhost"), "inbox-full"),
            ("total", {"total_quota": SIZE * (FIT + 1) - 1}, ("--from", "u{}@localhost"), "total-full"),
            ("room", {"user_quota": SIZE * FIT, "make_room": "yes"}, ("--from", "alice@localhost", "--to", "bob@localhost"), "quota-full")):
        ferry = t.ferry(conf={f"storage.{k}": str(v) for k, v in conf.items()} | {"limits.per_address": "0"})

        def slots(n):
            return [ferry.ctl("slot", f"{i}.bin", SIZE, *(w.format(i) for w in words)).dict for i in range(n)]

        if name == "room":
            old = slots(FIT)
            for urls in old:
                eq(t.put(urls["put"], b"o" * SIZE).status, 201)
                eq(t.get(urls["get"]).status, 200)
            t.pump(lambda: ferry.ctl("slot", "a.bin", SIZE * FIT, *words, code=None).code == 0, "all of it to be fetched")
        puts = ["/" + s["put"].split("/", 3)[3] for s in slots(ALL)]
        wires = [t.http(ferry, name=f"put{i}") for i in range(ALL)]
        for h, put in zip(wires, puts):
            h.request("PUT", put, {"Content-Length": SIZE, "Expect": "100-continue"})
        stored = 0
        for h in wires:
            r = h.response(interim=True)
            if r.status == 100:
                h.write(b"n" * SIZE)
                r = h.response()
            ok(r.status == 201 or (r.status == 507 and r.json["type"].endswith(says)), f"{name}: {r.status} {r.text}")
            stored += r.status == 201
            h.close()
        eq(stored, FIT, name)
        eq(len([r for r in ferry.ctl("ls", "--json").objects if r["state"] == "stored"]), FIT, name)
        eq(ferry.ctl("fsck").code, 0, name)
        if name == "room":
            eq([t.head(urls["get"]).status for urls in old], [410] * FIT, "the old ones went")
        ferry.stop()
