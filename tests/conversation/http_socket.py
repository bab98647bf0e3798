"""The Unix socket is the operator's: the API without login, and PUT and GET as on the public listener; nobody else may open it."""
from talk import *
from talk.slots import slot
import json
import os
import stat


def run(t):
    ferry = t.ferry()
    path = os.path.join(ferry.folder, "ferryd.sock")
    eq(stat.S_IMODE(os.stat(path).st_mode), 0o600)

    def api(command, **args):
        out = t.curl("--unix-socket", path, "http://x/api/v1/command", "-d", json.dumps({"command": command, "args": args})).text
        return json.loads(out)
    r = api("ping")
    eq((r["exit"], r["answer"]["pong"]), (0, True))
    eq(api("status")["answer"]["state"], "running")
    ok(any(row["section"] == "http" and row["key"] == "listen" for row in api("config show")["answer"]))
    eq(api("ping", nonsense=1)["exit"], 2)
    names = [c["name"] for c in json.loads(t.curl("--unix-socket", path, "http://x/api/v1/commands").text)]
    eq(names, sorted(names))
    for name in ("ping", "status", "config show", "login-link"):
        ok(name in names, name)
    code = ("-o", "/dev/null", "-w", "%{http_code}")
    eq(t.curl("--unix-socket", path, *code, "http://x/api/v1/command", "-d", '{"command":"no such"}').text, "404")
    eq(t.curl("--unix-socket", path, *code, "http://x/api/v1/command", "-d", "rubbish").text, "400")
    s = slot(t, ferry, "a.txt", 5)
    eq(t.curl("--unix-socket", path, *code, "-T", t.write("a.txt", "12345"), "http://x" + s.put_path).text, "201")
    eq(t.curl("--unix-socket", path, "http://x" + s.get_path).text, "12345")
    eq(t.get(ferry.url("/api/v1/commands")).status, 404, "not on the public listener")
    host, port = ferry.address("admin")
    eq(t.get(f"http://{host}:{port}/api/v1/commands").status, 401)
    ferry.kill9()
    ferry.start()
    eq(api("ping")["exit"], 0, "a socket that was left behind is replaced")
    ferry.stop()
    ok(not os.path.exists(path), "and removed at the end")
