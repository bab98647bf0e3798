"""C27: the PUT URL needs no header: a slot names none, and a bare PUT without any that a client may forget is taken."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    el = alice.slot_answer("a.bin", 5, "image/png")
    eq(len(el.find("slot").children), 2, "put and get, nothing else")
    eq(len(el.find("slot/put").children), 0, "headers")
    put, get, _ = alice.slot("b.bin", 5)
    h = t.http(put)
    path = put.split("/", 3)[3]
    host = put.split("/")[2]
    h.write(f"PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 5\r\n\r\nbytes".encode())
    h.expect_status(201)
    eq(t.get(get).body, b"bytes")
