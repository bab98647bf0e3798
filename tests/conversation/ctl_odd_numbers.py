"""Numbers that no command line sends (beyond all limits, negative) are refused over the API, and harm nothing."""
import json

from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(users=["alice"])
    s = store(t, ferry, "a.txt", b"12345")
    path = re.search(r"socket=(\S+)", "\n".join(ferry.log))[1]

    def ask(command, **args):
        body = json.dumps({"command": command, "args": args})
        out = t.curl("--unix-socket", path, "-X", "POST", "-H", "Content-Type: application/json", "--data", body,
                     "http://localhost/api/v1/command").out
        return json.loads(out)

    before = ferry.ctl("show", s.id).dict["expires"]
    for n in (2**63 - 1, -2**63, -5, 2**62):
        answer = ask("extend", ID=s.id, DURATION=n)
        ok(answer["exit"] != 0, f"extend by {n}: {answer}")
        answer = ask("slot", NAME="x", SIZE=n)
        ok(answer["exit"] != 0, f"a slot of {n}: {answer}")
        ask("ls", limit=n)
        ask("user quota", JID="alice@localhost", QUOTA=str(n), inbox=str(n))
    eq(ferry.ctl("show", s.id).dict["expires"], before)
    eq(t.get(s.get).body, b"12345")
    ferry.ctl("user", "ls")
    ferry.ctl("fsck")
