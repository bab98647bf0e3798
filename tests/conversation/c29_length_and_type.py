"""C29: the PUT's length must be the slot's; its type only where both named one: a client that says none is no fault (Psi's old plugin)."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    for asked, put_as, status in (("image/png", None, 201), (None, "image/png", 201), ("", "image/png", 201), ("image/png", "image/png", 201),
                                  ("image/png", "IMAGE/PNG", 201), ("image/png", "text/html", 400), (None, None, 201)):
        put, get, _ = alice.slot("a.png", 5, asked)
        headers = {"Content-Type": put_as} if put_as else {}
        eq(t.put(put, b"less", headers).status, 400)
        eq(t.put(put, b"bytes!", headers).status, 413)
        eq(t.put(put, b"bytes", headers).status, status, f"{asked} put as {put_as}")
        eq(t.get(get).status, 200 if status == 201 else 404)
