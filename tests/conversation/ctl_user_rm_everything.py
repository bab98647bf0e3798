"""What a removed account sent and received goes with it: files of both sides and their notices, an upload under way, the place of a
broken one, slots that were granted and not yet used; the figures of others are right again, and whoever gets the name next finds
nothing of it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])

    def slot(size, *words):
        return ferry.ctl("slot", "secret-name.bin", size, *words).dict

    def status(url, data):
        return t.put(url, data).status

    for words in (("--from", "bob@localhost", "--to", "alice@localhost"), ("--from", "alice@localhost", "--to", "bob@localhost"),
                  ("--from", "bob@localhost", "--purpose", "profile"), ("--from", "alice@localhost")):
        eq(status(slot(1000, *words)["put"], b"x" * 1000), 201)
    gone = slot(5, "--from", "bob@localhost")
    eq(status(gone["put"], b"12345"), 201)
    ferry.ctl("rm", gone["get"].split("/")[4])

    granted, for_him = slot(10, "--from", "bob@localhost")["put"], slot(10, "--from", "alice@localhost", "--to", "bob@localhost")["put"]
    uploads = []
    for words in (("--from", "bob@localhost"), ("--from", "alice@localhost", "--to", "bob@localhost")):
        h = t.http(ferry)
        h.request("PUT", "/" + slot(200_000, *words)["put"].split("/", 3)[3], {"Content-Length": 200_000, "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(b"y" * 100_000)
        uploads.append(h)
    broken = t.http(ferry)
    broken.request("PUT", "/" + slot(200_000, "--from", "bob@localhost")["put"].split("/", 3)[3], {"Content-Length": 200_000, "Expect": "100-continue"})
    eq(broken.response(interim=True).status, 100)
    broken.write(b"z" * 100_000)
    broken.abort()
    eq(ferry.ctl("status").dict["outbox"], "2")

    ferry.ctl("user", "rm", "bob@localhost")
    for h in uploads:
        h.write(b"y" * 100_000, quiet=True)
        r = h.response()
        eq(r.status, 410, "an upload under way")
    eq((status(granted, b"0" * 10), status(for_him, b"0" * 10)), (403, 404), "slots that he, or others for him, had been granted")
    t.pump(lambda: len([f for f in ferry.spool_files() if f.startswith(("data/", "tmp/"))]) == 1, "bytes to go")
    s = ferry.ctl("status").dict
    eq((s["files"], s["bytes"], s["receiving"], s["outbox"]), ("1", "1000", "0", "0"))
    alice = ferry.ctl("user", "quota", "alice@localhost").dict
    eq((alice["used"], alice["files"], alice["inbox_used"], alice["inbox_files"]), ("1000", "1", "0", "0"))
    ok("bob" not in ferry.ctl("ls", "--all").out, "tombstones do not name him")
    eq(sum("secret-name" in line for line in ferry.ctl("ls", "--all").out.splitlines()), 3, "nor what he sent: alice's three are there")
    eq(ferry.ctl("fsck").code, 0)

    ferry.ctl("user", "add", "bob@localhost", stdin="x\n")
    bob = ferry.ctl("user", "quota", "bob@localhost").dict
    eq((bob["used"], bob["files"], bob["day_used"], bob["profile_used"]), ("0",) * 4)
    eq(status(slot(10, "--from", "bob@localhost")["put"], b"0" * 10), 201, "the next of that name")
    eq(ferry.ctl("fsck").code, 0)
