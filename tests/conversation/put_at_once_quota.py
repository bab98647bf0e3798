"""Small PUTs that are stored in one step share a quota as claimed ones do: those for which there was room when their heads came, and
none when all their bytes had, are refused at the end of the body, by name, and the connection goes on."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"storage.user_quota": "10K", "log.level": "debug"})

    def granted():
        s = ferry.ctl("slot", "a.bin", 4000, "--from", "alice@localhost").dict
        return "/" + s["put"].split("/", 3)[3]

    wires = [t.http(ferry) for _ in range(4)]
    for h in wires:
        mark = ferry.log_mark()
        h.request("PUT", granted(), {"Content-Length": 4000})
        ferry.log_expect("transfer expected size=4000", since=mark)
    for h in wires:
        h.write(b"x" * 4000, quiet=True)
    answers = [h.response() for h in wires]
    eq(sorted(r.status for r in answers), [201, 201, 507, 507])
    for r in answers:
        if r.status == 507:
            eq((r.json["type"], r.json["limit"], r.json["used"]), ("urn:ferry:problem:quota-full", 10240, 8000))
    for h in wires:
        eq(h.request("GET", "/livez").response().status, 200)
    eq(ferry.ctl("user", "quota", "alice@localhost").dict["used"], "8000")
    eq(len([f for f in ferry.spool_files() if f.startswith(("data/", "tmp/"))]), 2)
    eq(ferry.ctl("fsck").code, 0)
