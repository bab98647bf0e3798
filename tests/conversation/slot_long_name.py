"""A slot whose facts do not fit into a URL is kept in a row, and works like any other."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    name = "\u6587" * 80 + ".txt"
    put, get, _ = alice.slot(name, 4, "text/" + "x" * 240)
    ok(len(put) < 4000, f"{len(put)} characters")
    eq(t.put(put, b"1234", {"Content-Type": "text/" + "x" * 240}).status, 201)
    eq(t.get(get).body, b"1234")
