"""A file that lives for seconds, as it was stored or since an operator said so: its receiver, who has the link and has not fetched it, is
reminded while it is still there."""
from talk import *


def run(t):
    for way in ("stored", "extended"):
        ferry = t.ferry(users=["alice", "bob"], conf={"storage.expire_after": "16s"} if way == "stored" else {})
        bob = t.xmpp(ferry, "bob")
        slot = ferry.ctl("slot", "a.txt", 4, "--from", "alice@localhost", "--to", "bob@localhost").dict
        eq(t.put(slot["put"], b"1234").status, 201)
        ident = take_link(bob, "alice@localhost")[0].split("/")[4]
        bob.sync()
        if way == "extended":
            t.pump(lambda: ferry.ctl("show", ident).dict["told"] == "told", "the mark")
            ferry.ctl("extend", ident, "16s")
        m = bob.expect("message", skip=("presence",), from_="upload.localhost")
        eq((m.find("{ferry}transfer")["state"], m.find("{ferry}transfer")["id"]), ("expiring", ident), way)
        t.pump(lambda: ferry.ctl("show", ident).dict["state"] == "expired", "its end")
        ferry.stop()
