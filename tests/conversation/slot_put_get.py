"""A slot: a PUT URL without headers, a GET URL with the name; what is put is what is got."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(10_000)
    for name, type in (("tr\u00e8s cool.jpg", "image/jpeg"), ("plain.bin", None), ("empty type.bin", "")):
        put, get, headers = alice.slot(name, len(data), type)
        eq(headers, {})
        ok(put.isascii() and get.isascii(), "percent-encoded")
        ok(put.rsplit("/", 1)[1] == get.rsplit("/", 1)[1], "the name ends both")
        eq(t.put(put, data, {"Content-Type": type} if type else {}).status, 201)
        eq(t.get(get).body, data)
