"""`user quota` shows each figure beside its limit (0: none): bytes, files, the day, each purpose, the inbox."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.quota_profile": "10K", "storage.daily_quota": "1M", "storage.user_files": "7"})

    def upload(size, *words):
        eq(t.put(ferry.ctl("slot", "a.bin", size, "--from", "alice@localhost", *words).dict["put"], b"x" * size).status, 201)

    def quota(who):
        return {k: v if k == "jid" else int(v) for k, v in ferry.ctl("user", "quota", f"{who}@localhost").dict.items()}

    upload(100)
    upload(20, "--purpose", "profile")
    upload(0, "--purpose", "permanent", "--to", "bob@localhost")
    upload(3, "--to", "bob@localhost")
    eq(quota("alice"), {
        "jid": "alice@localhost", "used": 123, "user_quota": 1 << 30, "files": 4, "files_quota": 7, "day_used": 123,
        "daily_quota": 1 << 20, "message_used": 103, "message_quota": 0, "profile_used": 20, "profile_quota": 10 << 10,
        "ephemeral_used": 0, "ephemeral_quota": 0, "permanent_used": 0, "permanent_quota": 0, "inbox_used": 0,
        "inbox_quota": 1 << 30, "inbox_files": 0, "inbox_files_quota": 10000})
    bob = quota("bob")
    eq((bob["files"], bob["inbox_used"], bob["inbox_files"]), (0, 3, 2))
    eq(sorted(r["purpose"] for r in ferry.ctl("ls", "--to", "bob@localhost", "--json").objects), ["message", "permanent"])
    eq(ferry.ctl("status").dict["total_quota"], "0")
    for row in ferry.ctl("ls").rows:
        ferry.ctl("rm", row[0])
    eq([(n["used"], n["files"], n["inbox_files"], n["day_used"]) for n in (quota("alice"), quota("bob"))], [(0, 0, 0, 123), (0, 0, 0, 0)])
    ferry.ctl("slot", "a", 1, "--purpose", "none", code=2)
    eq(ferry.ctl("fsck").code, 0)
