"""Before the first start ferryctl makes the spool and its keys, and adds users itself; the daemon then takes over both."""
import os
import stat

from talk import *


def run(t):
    ferry = t.ferry(start=False)
    ok(not os.path.exists(ferry.spool), "no spool yet")
    eq(ferry.ctl("user", "add", "alice@localhost", stdin="secret-alice\n").out, "alice@localhost\n")
    key = os.path.join(ferry.spool, "key")
    eq(stat.S_IMODE(os.stat(key).st_mode), 0o600, "the key file is ours alone")
    keys = open(key, "rb").read()
    again = ferry.ctl("user", "add", "Alice@LOCALHOST", stdin="other\n", code=5)
    ok("alice@localhost already" in again.err, again.err)
    eq(again.out, "")
    eq([row[0] for row in ferry.ctl("user", "ls").rows], ["alice@localhost"])
    ferry.start()
    t.xmpp(ferry, "alice", password="secret-alice")
    eq(open(key, "rb").read(), keys, "keys are made once")
    eq([row[0] for row in ferry.ctl("user", "ls").rows], ["alice@localhost"], "the same answer through the daemon")
