"""Each purpose has its lifetime, counted from the commit; what the uploader chooses is honoured but never beyond it; a file whose
chosen time has passed is not stored."""
from datetime import datetime, timezone

from talk import *
from talk.slots import span

DAY = 86400


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.expire_after": "30d", "storage.expire_profile": "90d", "storage.expire_ephemeral": "2d"})

    def life(*words):
        urls = ferry.ctl("slot", "a.bin", 1, *words).dict
        eq(t.put(urls["put"], b"x").status, 201)
        row = ferry.ctl("show", urls["get"].split("/")[4]).dict
        seconds = lambda key: datetime.strptime(row[key], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=timezone.utc).timestamp()
        return seconds("expires") - seconds("stored")

    eq(life(), 30 * DAY)
    eq(life("--purpose", "message"), 30 * DAY)
    eq(life("--purpose", "profile"), 90 * DAY)
    eq(life("--purpose", "permanent"), 30 * DAY)
    eq(life("--purpose", "ephemeral"), 2 * DAY)
    eq(life("--purpose", "ephemeral", "--expires", "3d"), 2 * DAY, "no longer than the site keeps it")
    ok(DAY - 20 <= life("--purpose", "ephemeral", "--expires", "1d") <= DAY, "as asked")
    ok(89 * DAY - 20 <= life("--purpose", "profile", "--expires", "89d") <= 89 * DAY, "as asked")
    late = ferry.ctl("slot", "late.bin", 1, "--purpose", "ephemeral", "--expires", "1s").dict
    span(t, 1.1)
    eq(t.put(late["put"], b"x").status, 410)
    eq(len(ferry.ctl("ls").rows), 8)
