"""A spool whose key file is gone or damaged is not started with new keys, which would make every link invalid; with the file
back all is as it was."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", user("old", legacy=True)])
    link = ferry.ctl("send", t.write("a.txt", "hello"), "alice@localhost").out.strip()
    ferry.stop()
    key = os.path.join(ferry.spool, "key")
    os.rename(key, key + ".away")
    good = open(key + ".away", "rb").read()
    for content in (None, b"", good[:-20], b"ferry-keys 2\n" + good.split(b"\n", 1)[1]):
        if content is not None:
            with open(key, "wb") as f:
                f.write(content)
        mark = ferry.log_mark()
        ferry.may_fail = True
        ferry.start(wait=False)
        ferry.wait_exit(1)
        ferry.log_expect("key", since=mark)
        eq(open(key, "rb").read() if os.path.exists(key) else None, content, "what is there is left alone")
        p = ferry.ctl("user", "ls", code=1)
        ok("key" in p.err, p.err)
    os.replace(key + ".away", key)
    ferry.may_fail = False
    ferry.start()
    eq(t.get(link).body, b"hello")
    t.xmpp(ferry, "old", tls=None, auth="iq-digest").end()
