"""In Chromium without scripts the button of a one-time link saves the file under its name, and the link is used up."""
import json
import os

from talk import *

TIME_LIMIT = 120


def run(t):
    if not os.path.exists("/usr/bin/chromium") or not os.path.isdir(os.path.join(ROOT, "tests/node/node_modules/playwright-core")):
        skip("chromium and playwright-core are needed")
    ferry = t.ferry()
    data = os.urandom(2_000_000)
    out = ferry.ctl("slot", "报告 2026.bin", str(len(data)), "--once").dict
    eq(t.put(out["put"], data).status, 201)
    seen = json.loads(t.command(["node", os.path.join(ROOT, "tests/node/once_button.js"), out["get"]], limit=90).out)
    eq((seen["name"], seen["sha256"]), ("报告 2026.bin", sha256(data)))
    ok(seen["height"] >= 44, "large enough for a finger")
    eq(seen["after"], {"status": 410, "title": "This link was used", "sideways": False})
