"""A claim that was refused leaves what the daemon knows of the total as it was, also when it is the first thing after a start: whoever
asks for a slot then is told at once that there is no room."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(conf={"storage.total_quota": "10000"})
    first, second = slot(t, ferry, "a.bin", 6000), slot(t, ferry, "b.bin", 6000)
    eq(t.put(first.put, b"x" * 6000).status, 201)
    ferry.restart()
    eq(t.put(second.put, b"x" * 6000).status, 507)
    ferry.ctl("slot", "c.bin", "6000", code=6)
