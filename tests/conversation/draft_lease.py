"""The time to begin is the slot's, the time to go on is its own: an upload that began may be asked for and gone on with long after the
slot's deadline, until resume_for is over."""
from talk import *
from talk.slots import append, offset, slot


def run(t):
    ferry = t.ferry(conf={"slots.put_deadline": "5m", "slots.resume_for": "24h"})
    data = b"0123456789"
    begun, fresh = slot(t, ferry, "a", 10), slot(t, ferry, "b", 10)
    eq(t.put(begun.put, data[:4], {"Upload-Complete": "?0"}).status, 201)

    def later(seconds):
        ferry.stop()
        ferry.env["FERRYD_TEST_WALL_OFFSET"] = str(seconds)
        ferry.start()

    later(23 * 3600)
    eq(offset(t, begun), 4)
    eq((t.head(fresh.put).status, t.put(fresh.put, data).status), (403, 403), "it had five minutes to begin")
    eq(append(t, begun, data[4:8], 4, False).status, 204)
    later(46 * 3600)
    eq(append(t, begun, data[8:], 8, True).status, 201)
    eq(t.get(begun.get).body, data)
    late = slot(t, ferry, "c", 10)
    eq(t.put(late.put, data[:4], {"Upload-Complete": "?0"}).status, 201)
    later(71 * 3600)
    ok(t.head(late.put).status in (403, 410), "too late to go on")
    ok(append(t, late, data[4:], 4, True).status in (403, 410), "too late to go on")
