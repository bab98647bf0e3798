"""Row 117: out of descriptors the XMPP listener sheds and pauses instead of spinning; who is here is served, and others again
once there are some."""
import resource

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    soft, hard = resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (ferry.fds() + 6, hard))
    mark = ferry.log_mark()
    crowd = [t.xmpp(ferry, name=f"crowd{i}") for i in range(12)]
    ferry.log_expect("accepting rests", since=mark)
    cpu = ferry.cpu_s()
    for _ in range(20):
        alice.sync()
    ok(ferry.cpu_s() - cpu < 0.5, "it spins")
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (soft, hard))
    for x in crowd:
        x.close()
    t.xmpp(ferry, "alice").sync()
    alice.sync()
