"""Ferry-Expires on a PUT: a duration or an HTTP date, never beyond what the site allows; the answer tells the date in force, also when
the file came in parts."""
from email.utils import formatdate, parsedate_to_datetime
import time

from talk import *
from talk.slots import append, slot, store


def left(r):
    return parsedate_to_datetime(r["Ferry-Expires"]).timestamp() - time.time()


def run(t):
    ferry = t.ferry(conf={"storage.expire_after": "10d"})
    data = b"for a while"
    near = lambda a, b: abs(a - b) < 60
    ok(near(left(store(t, ferry, "a", data).created), 10 * 86400), "without a wish")
    for wish, seconds in (("7d", 7 * 86400), ("3600s", 3600), (formatdate(time.time() + 7200, usegmt=True), 7200), ("60d", 10 * 86400)):
        s = store(t, ferry, "a", data, headers={"Ferry-Expires": wish})
        ok(near(left(s.created), seconds), f"{wish}: {s.created['Ferry-Expires']}")
    s = slot(t, ferry, "a", len(data))
    for faulty in ("soon", "0", "-1d", "1x", formatdate(time.time() - 60, usegmt=True)):
        r = t.put(s.put, data, {"Ferry-Expires": faulty})
        eq((r.status, r.json["type"]), (400, "urn:ferry:problem:bad-request"), faulty)
    r = t.put(s.put, data[:4], {"Upload-Complete": "?0", "Ferry-Expires": "2h"})
    eq(r.status, 201)
    r = append(t, s, data[4:], 4, True)
    ok(r.status == 201 and near(left(r), 7200), f"in parts: {r.status} {r['Ferry-Expires']}")
