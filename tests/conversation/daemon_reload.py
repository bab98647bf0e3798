"""SIGHUP: a good configuration is taken without losing a session; a faulty one is reported and the old one stays in force."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "4"})
    alice = t.xmpp(ferry, "alice")
    ferry.write_conf(**{"log.level": "error", "nonsense.key": "1"})
    ferry.signal(1)
    ferry.log_expect(r"reload: .*no section \[nonsense\]")
    ferry.log_expect("old configuration stays in force")
    alice.sync()
    mark = ferry.log_mark()
    ferry.write_conf(**{"log.level": "debug", "nonsense.key": None, "limits.failed_logins": "1"})
    ferry.signal(1)
    ferry.log_expect("reloaded ", since=mark)
    alice.sync()
    bad = t.xmpp(ferry)  # the new limit holds: the second failure ends the stream
    bad.open_stream()
    bad.starttls()
    bad.open_stream()
    bad.sasl("PLAIN", "alice", "wrong")
    bad.sasl("PLAIN", "alice", "wrong")
    bad.expect_close()
