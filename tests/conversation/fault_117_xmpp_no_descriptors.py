"""Row 117: out of descriptors the XMPP listener rests instead of spinning, who is logged in does not notice, and it goes on later."""
import resource

from talk import *
from talk.slots import span


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    used = ferry.fds()
    used = used if isinstance(used, int) else len(used)
    soft, hard = resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (used + 4, hard))
    mark = ferry.log_mark()
    crowd = [t.dial(*ferry.address("xmpp"), name=f"crowd{i}") for i in range(12)]
    ferry.log_expect("accepting rests", since=mark)
    cpu = ferry.cpu_s()
    span(t, 1.5)
    ok(ferry.cpu_s() - cpu < 0.3, f"{ferry.cpu_s() - cpu:.2f} s of CPU while it could not accept")
    alice.sync()
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (soft, hard))
    for c in crowd:
        c.close()
    t.xmpp(ferry, "bob").sync()
