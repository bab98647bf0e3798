"""A slot whose facts are too long for an address works like any other, after a restart too: the token names a row."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    kind = "text/plain; note=" + "x" * 1800
    long = ferry.ctl("slot", "a.txt", "5", "--type", kind).dict
    short = ferry.ctl("slot", "a.txt", "5", "--type", "text/plain").dict
    token = long["put"].split("/u/")[1].split("/")[0]
    ok(len(token) < len(short["put"].split("/u/")[1].split("/")[0]), "the long one's token is the shorter")
    ferry.restart()
    eq(t.put(long["put"].replace(token, token[:-2] + ("AA" if token[-2:] != "AA" else "BB")), b"bytes", {"Content-Type": kind}).status, 403)
    eq(t.put(long["put"], b"byte", {"Content-Type": kind}).status, 400)
    eq(t.put(long["put"], b"bytes", {"Content-Type": kind}).status, 201)
    eq(t.get(long["get"]).body, b"bytes")
