"""A slot that was granted before a restart, or a kill, is taken after it: nothing was written for it, nothing is forgotten."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    long = "\u6587" * 80 + ".txt", "text/" + "x" * 240
    slots = [alice.slot("a.txt", 5, "text/plain"), alice.slot("b.txt", 5, dialect="upload_siacs"), alice.slot(long[0], 5, long[1])]
    types = ["text/plain", None, long[1]]
    alice.close()
    ferry.restart()
    ferry.restart(kill=True)
    for (put, get, _), type in zip(slots, types):
        eq(t.get(get).status, 404, "not uploaded yet")
        eq(t.put(put, b"bytes", {"Content-Type": type} if type else {}).status, 201)
        eq(t.get(get).body, b"bytes")
