"""passwd, block, quota and rm act at once: on the next login, on the next file, on everything that is left."""
from talk import *


def login(t, ferry, password, works, name="bob"):
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    el = x.sasl("PLAIN", name, password)
    ok(el.matches("{sasl}success" if works else "{sasl}failure"), el.xml())
    x.close()


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    login(t, ferry, "secret-bob", True)
    ferry.ctl("user", "passwd", "bob@localhost", stdin="new\r\n")
    login(t, ferry, "secret-bob", False)  # remembered from the first login, but not valid any more
    login(t, ferry, "new", True)

    eq(ferry.ctl("user", "block", "bob@localhost").out, "bob@localhost\n")
    login(t, ferry, "new", False)
    eq(ferry.ctl("user", "ls", "--json").objects[1]["blocked"], True)
    ferry.ctl("user", "block", "bob@localhost", "--off")
    login(t, ferry, "new", True)

    eq(ferry.ctl("user", "quota", "bob@localhost", "10K", "--inbox", "2M").dict["user_quota"], "10240")
    quota = ferry.ctl("user", "quota", "bob@localhost", "default").dict
    eq((quota["user_quota"], quota["inbox_quota"]), (str(1 << 30), str(2 << 20)), "the other one stays")
    ferry.ctl("user", "quota", "bob@localhost", "much", code=2)

    eq(ferry.ctl("user", "rm", "bob@localhost").out, "bob@localhost\n")
    login(t, ferry, "new", False)
    eq([r[0] for r in ferry.ctl("user", "ls").rows], ["alice@localhost"])
    for words in (["rm"], ["block"], ["quota"]):
        p = ferry.ctl("user", *words, "bob@localhost", code=3)
        ok("no user bob@localhost" in p.err, p.err)
    ferry.ctl("user", "passwd", "bob@localhost", stdin="x\n", code=3)
    ferry.ctl("user", "add", "bob@localhost", stdin="secret-bob\n")
    quota = ferry.ctl("user", "quota", "bob@localhost").dict
    eq(quota["inbox_quota"], str(1 << 30), "who comes after him starts afresh")
