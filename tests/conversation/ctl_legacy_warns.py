"""user add --legacy-digest warns that the password is kept, on stderr; on the disk it stands only sealed."""
import glob
import os

from talk import *


def run(t):
    ferry = t.ferry(start=False)
    word = "correct-horse-battery"
    p = ferry.ctl("user", "add", "old@localhost", "--legacy-digest", stdin=word + "\n")
    eq(p.out, "old@localhost\n")
    ok("warning" in p.err and "key file" in p.err, p.err)
    p = ferry.ctl("user", "add", "new@localhost", stdin=word + "\n")
    eq(p.err, "", "no warning without it")
    eq({r["jid"]: r["legacy_digest"] for r in ferry.ctl("user", "ls", "--json").objects},
       {"old@localhost": True, "new@localhost": False})
    ferry.start()
    t.xmpp(ferry, "old", password=word, tls=None, auth="iq-digest").end()
    ferry.ctl("user", "passwd", "old@localhost", stdin="staple\n")
    t.xmpp(ferry, "old", password="staple", tls=None, auth="iq-digest").end()
    ferry.stop()
    for path in glob.glob(os.path.join(ferry.spool, "**"), recursive=True):
        if os.path.isfile(path):
            with open(path, "rb") as f:
                ok(word.encode() not in f.read(), f"{path} holds the password")
