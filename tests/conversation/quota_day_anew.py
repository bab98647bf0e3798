"""daily_quota: an upload that was begun yesterday and is begun anew today counts for today; begun anew on the day it was begun, it counts
once; when the day has no room for it, it is refused, and what others counted stays."""
from talk import *

SIZE = 40_000


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.daily_quota": "100K", "slots.resume_for": "72h", "slots.put_deadline": "72h"})

    def slot(size):
        return ferry.ctl("slot", "a.bin", str(size), "--from", "alice@localhost").dict["put"]

    def begin(put):
        h = t.http(ferry)
        h.request("PUT", "/u/" + put.split("/u/")[1], {"Content-Length": SIZE, "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(b"x" * 10_000)
        mark = ferry.log_mark()
        h.shut()
        ferry.log_expect("transfer kept", since=mark)

    def used():
        return int(ferry.ctl("user", "quota", "alice@localhost").dict["day_used"])

    def days_later(n):
        ferry.stop()
        ferry.env["FERRYD_TEST_WALL_OFFSET"] = str(n * 86400)
        ferry.start()

    one, two = slot(SIZE), slot(SIZE)
    begin(one)
    begin(two)
    begin(one)
    eq(used(), 2 * SIZE, "each once")
    days_later(1)
    eq(used(), 0, "a new day")
    begin(one)
    begin(one)
    eq(used(), SIZE)
    eq(t.put(slot(50_000), b"z" * 50_000).status, 201)
    r = t.put(two, b"y" * SIZE)
    eq((r.status, used()), (507, SIZE + 50_000))
    eq(t.put(one, b"x" * SIZE).status, 201)
    eq(used(), SIZE + 50_000)
    days_later(2)
    eq(t.put(two, b"y" * SIZE).status, 201)
    eq(used(), SIZE)
    ferry.stop()
    eq(ferry.ctl("fsck").code, 0)
