"""Row 131: what a client sends never breaks a log line, and no token or link is logged."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry()
    s = store(t, ferry, "a.txt", b"12345")
    h = t.http(ferry)
    h.request("GET", "/%0d%0aFORGED%1b[31m/x", {"User-Agent": "a\tb"})
    h.response()
    t.get(s.get)
    t.delete(s.get, {"Authorization": "Bearer " + s.delete_token})
    ferry.log_expect(r"http DELETE")
    log = "\n".join(ferry.log)
    ok(s.put_path.split("/")[2] not in log, "no upload token")
    ok(s.delete_token not in log, "no delete token")
    ok(s.get_path not in log, "no link")
    ok("\x1b" not in log and "\nFORGED" not in log)
