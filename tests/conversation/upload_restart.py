"""A stop of the daemon in the middle of an upload keeps its bytes, recorded or not; after the start it goes on."""
import os

from talk import *
from talk.slots import append, offset, slot


def run(t):
    ferry = t.ferry()
    data = os.urandom(300_000)
    s = slot(t, ferry, "a", len(data))
    eq(t.put(s.put, data[:100_000], {"Upload-Complete": "?0"}).status, 201)
    ferry.restart()
    eq(offset(t, s), 100_000)
    eq(append(t, s, data[100_000:], 100_000, True).status, 201)
    eq(t.get(s.get).body, data)
