"""A PUT that a limit stops is refused with 507 and the name of the limit: the user's bytes, a purpose's, the number of files, the
day, the receiver's inbox, everybody's total. What was refused takes nothing."""
from talk import *


def run(t):
    for limit, room, words, says in (
            ("user_quota", "1000", (), "quota-full"),
            ("quota_profile", "1000", ("--purpose", "profile"), "purpose-full"),
            ("user_files", "1", (), "files-full"),
            ("daily_quota", "1000", (), "day-full"),
            ("inbox_quota", "1000", ("--to", "bob@localhost"), "inbox-full"),
            ("inbox_files", "1", ("--to", "bob@localhost"), "inbox-full"),
            ("total_quota", "1000", (), "total-full")):
        ferry = t.ferry(users=["alice", "bob"], conf={f"storage.{limit}": room})
        one, two = (ferry.ctl("slot", "a.bin", 600, "--from", "alice@localhost", *words).dict["put"] for _ in "12")
        eq(t.put(one, b"1" * 600).status, 201, limit)
        r = t.put(two, b"2" * 600)
        eq(r.status, 507, limit)
        ok(r.json["type"].endswith(says), f"{limit}: {r.json}")
        p = ferry.ctl("slot", "a.bin", 600, "--from", "alice@localhost", *words, code=6)
        ok(refusal_text(says) in p.err, f"{limit}: {p.err}")
        eq(ferry.ctl("user", "quota", "alice@localhost").dict["used"], "600", limit)
        eq(ferry.ctl("fsck").code, 0)
        ferry.stop()


def refusal_text(name):
    return {"quota-full": "The storage quota is used up", "purpose-full": "files of this purpose", "files-full": "number of files",
            "day-full": "one day", "inbox-full": "receiver's space", "total-full": "server's space"}[name]
