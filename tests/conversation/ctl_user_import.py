"""user import takes many users at once, quickly; a line that is no user stops it before anything is done."""
import time

from talk import *


def run(t):
    ferry = t.ferry(start=False)
    p = ferry.ctl("user", "import", stdin="a@localhost\tx\nb@localhost y\n", code=2)
    ok("line 2" in p.err and "nobody was added" in p.err, p.err)
    for bad in ("b@elsewhere\tx\n", "@localhost\tx\n", "b@localhost\t\n", "b@localhost/r\tx\n"):
        ferry.ctl("user", "import", stdin="a@localhost\tx\n" + bad, code=2)
    eq(ferry.ctl("user", "ls").out, "")
    eq(ferry.ctl("user", "import", stdin="a@localhost\tx\n\nB@localhost\ty z\n").dict, {"added": "2", "existing": "0"})
    begun = time.monotonic()
    lines = "".join(f"user{i}@localhost\tsecret-{i}\n" for i in range(200))
    eq(ferry.ctl("user", "import", stdin=lines + "a@localhost\tother\n").dict, {"added": "200", "existing": "1"})
    ok(time.monotonic() - begun < 20, "200 users in seconds")
    ferry.start()
    t.xmpp(ferry, "user199", password="secret-199").end()
    t.xmpp(ferry, "b", password="y z").end()
    t.xmpp(ferry, "a", password="x").end()     # who existed stays as he was
    eq(ferry.ctl("user", "import", stdin="late@localhost\tx\n").dict, {"added": "1", "existing": "0"})
    t.xmpp(ferry, "late", password="x").end()
