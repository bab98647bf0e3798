"""A one-time link: a program's whole GET gets the file once; then it is gone for everybody, and the page says that it was fetched."""
from talk import *
from talk.slots import BROWSER
import os


def run(t):
    ferry = t.ferry()
    for size in (5, 3_000_000):
        data = os.urandom(size)
        out = ferry.ctl("slot", "once.bin", str(size), "--once").dict
        eq(t.put(out["put"], data).status, 201)
        id = out["get"].split("/f/")[1].split("/")[0]
        eq(ferry.ctl("show", id, "--json").objects[0]["once"], True)
        r = t.get(out["get"])
        eq((r.status, r.body == data), (200, True))
        eq((r["Cache-Control"], r["ETag"], r["Accept-Ranges"]), ("no-store", None, "none"))
        ok(r["Content-Disposition"].startswith("attachment;"), r["Content-Disposition"])
        t.pump(lambda: t.get(out["get"]).status == 410, "the file to be gone")
        ok("worked once" in t.get(out["get"]).json["detail"], "why")
        page = t.get(out["get"], BROWSER)
        eq(page.status, 410)
        ok("This link was used" in page.text and "<time" in page.text, "the page says it, and when")
        eq(t.head(out["get"]).status, 410)
        eq(ferry.ctl("show", id).dict["reason"], "once")
        t.pump(lambda: not ferry.spool_files() or not [f for f in ferry.spool_files() if "data/" in f], "the bytes to go")
