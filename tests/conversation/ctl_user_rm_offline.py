"""`user rm` without a daemon takes the files too, and what a broken upload of his kept."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    keep = ferry.ctl("slot", "a.bin", 5, "--from", "alice@localhost").dict
    eq(t.put(keep["put"], b"12345").status, 201)
    gone = ferry.ctl("slot", "a.bin", 5, "--from", "bob@localhost", "--to", "alice@localhost").dict
    eq(t.put(gone["put"], b"12345").status, 201)
    broken = t.http(ferry)
    broken.request("PUT", "/" + ferry.ctl("slot", "b.bin", 200_000, "--from", "bob@localhost").dict["put"].split("/", 3)[3],
                   {"Content-Length": 200_000, "Expect": "100-continue"})
    eq(broken.response(interim=True).status, 100)
    broken.write(b"z" * 100_000)
    t.pump(lambda: any(f.startswith("tmp/") for f in ferry.spool_files()), "bytes of the upload")
    broken.close()
    ferry.stop()
    eq(len([f for f in ferry.spool_files() if f.startswith("tmp/")]), 1, "kept")
    ferry.ctl("user", "rm", "bob@localhost")
    eq([f for f in ferry.spool_files() if f.startswith("tmp/")], [])
    eq(len([f for f in ferry.spool_files() if f.startswith("data/")]), 1)
    eq(ferry.ctl("fsck").dict["figures"], "0")
    ferry.start()
    eq((t.get(keep["get"]).status, t.get(gone["get"]).status), (200, 410))
    s = ferry.ctl("status").dict
    eq((s["files"], s["bytes"], s["outbox"]), ("1", "5", "0"))
