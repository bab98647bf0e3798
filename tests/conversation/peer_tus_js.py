"""tus-js-client uploads into a slot, is interrupted and goes on, through a kill -9 of the daemon too, in tus and in the draft's words; the
file is equal byte for byte."""
import json
import os

from talk import *
from talk.slots import slot

SIZE = 4_000_000


def upload(t, s, path, *options):
    return t.spawn(["node", os.path.join(ROOT, "tests/node/tus_upload.js"), s.put, path, *options], stdin=True)


def event(p, kind):
    return json.loads(p.expect_line(rf'.*"event":"{kind}".*').group(0))


def run(t):
    if not os.path.isdir(os.path.join(ROOT, "tests/node/node_modules/tus-js-client")):
        skip("tus-js-client is not installed (make deps)")
    ferry = t.ferry(conf={"slots.checkpoint": "64K"})
    data = os.urandom(SIZE)
    path = t.write("up.bin", data)
    s = slot(t, ferry, "whole.bin", SIZE)
    p = upload(t, s, path)
    done = event(p, "success")
    p.wait()
    eq(done["location"], s.get_path)
    eq(t.get(s.get).body, data, "in one piece")
    s = slot(t, ferry, "pieces.bin", SIZE)
    p = upload(t, s, path, "--chunk", "500000", "--stop-after", "1000000")
    event(p, "stopped")
    p.wait()
    eq(t.get(s.get).status, 404)
    ferry.restart(kill=True)
    p = upload(t, s, path, "--chunk", "500000")
    ok(event(p, "resumed")["offset"] >= 1_000_000, "what was answered is there")
    event(p, "success")
    p.wait()
    eq(t.get(s.get).body, data, "in pieces, interrupted")
    for words in ((), ("--draft",)):
        s = slot(t, ferry, "killed.bin", SIZE)
        p = upload(t, s, path, "--chunk", "500000", "--pause-after", "2000000", *words)
        event(p, "paused")
        ferry.restart(kill=True)
        p.send("go on")
        eq(event(p, "success")["location"], s.get_path)
        p.wait()
        eq(t.get(s.get).body, data, f"the same client, before and after the kill {words}")
