"""C37: a page of another origin, in Chromium: PUT with progress, GET with Range, HEAD, conditional GET, the owner's wishes and DELETE all
pass their preflights, and the headers that are exposed can be read; never with credentials."""
import json
import os

from talk import *
from talk.slots import slot

TIME_LIMIT = 120


def run(t):
    if not os.path.exists("/usr/bin/chromium") or not os.path.isdir(os.path.join(ROOT, "tests/node/node_modules/playwright-core")):
        skip("chromium and playwright-core are needed")
    ferry = t.ferry()
    size = 300_000
    s = slot(t, ferry, "a.bin", size)
    out = t.command(["node", os.path.join(ROOT, "tests/node/cross_origin.js"), s.put, s.get], limit=90).out
    seen = json.loads(out)
    ok(not s.get.startswith(seen["origin"]), "another origin")
    eq(seen["said"], [])
    put = seen["put"]
    eq((put["status"], put["location"]), (201, s.get_path))
    eq(put["progress"][-1], size)
    ok(put["token"] and put["text"].strip() == s.get, put)
    data = bytes(i % 251 for i in range(size))
    part = seen["part"]
    eq((part["status"], bytes(part["bytes"])), (206, data[250:260]))
    eq((part["headers"]["Content-Range"], part["headers"]["Content-Length"]), (f"bytes 250-259/{size}", "10"))
    whole = seen["whole"]
    eq((whole["status"], whole["equal"]), (200, True))
    for name in ("ETag", "Accept-Ranges", "Content-Disposition", "Cache-Control", "Last-Modified", "Content-Length"):
        ok(whole["headers"][name], f"{name} can be read")
    eq((seen["head"]["status"], seen["head"]["headers"]), (200, whole["headers"]))
    eq((seen["same"]["status"], seen["same"]["headers"]["ETag"]), (304, whole["headers"]["ETag"]))
    eq((seen["resumed"]["status"], seen["resumed"]["headers"]["Content-Range"]), (206, f"bytes 299999-299999/{size}"))
    eq((seen["beyond"]["status"], seen["beyond"]["headers"]["Content-Range"]), (416, f"bytes */{size}"))
    eq(seen["credentials"], "TypeError", "refused by the browser: nothing is given to pages with credentials")
    eq((seen["expires"]["status"], seen["expires"]["json"]["id"]), (200, s.id))
    eq(seen["denied"]["status"], 403)
    ok("problem:forbidden" in seen["denied"]["text"], seen["denied"])
    eq(seen["removed"]["status"], 204)
    eq((seen["gone"]["status"], seen["gone"]["headers"]["Content-Type"]), (410, "application/problem+json"))
    eq(t.get(s.get).status, 410)
