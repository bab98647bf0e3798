"""Row 133: a cursor that is no cursor, a huge one, odd filters: an answer at once and no harm."""
from talk import *
from talk.slots import store


def run(t):
    ferry = t.ferry(users=[user("root", admin=True)])
    store(t, ferry, "a.txt", b"12345")
    host, port = ferry.address("admin")
    link = ferry.ctl("login-link", "root@localhost").out.strip().splitlines()[-1].split("\t")[-1]
    cookie = {"Cookie": t.fetch("POST", link)["Set-Cookie"].split(";")[0]}
    for query in ("after=x", "after=" + "9" * 4000, "after=-1", "after=99999999999999999999", "after=%27%22%3C", "after=0:" + "A" * 38, "state=nonsense",
                  "owner=%27--", "owner=" + "a" * 3000, "after=%ff%fe", "said=%3Cscript%3E"):
        r = t.get(f"http://{host}:{port}/admin/?{query}", cookie)
        ok(r.status in (200, 400), f"{query[:40]} got {r.status}")
        ok("<script>" not in r.text.replace("<script src=", ""), query)
