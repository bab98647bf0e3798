"""Row 117: out of descriptors the door sheds and pauses instead of spinning, and serves again once there are some."""
from talk import *
from talk.slots import drip, span
import resource


def run(t):
    ferry = t.ferry()
    used = ferry.fds()
    used = used if isinstance(used, int) else len(used)
    before = t.http(ferry, name="before")
    before.request("GET", "/livez")
    before.expect_status(200)
    soft, hard = resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (used + 6, hard))
    mark = ferry.log_mark()
    crowd = [t.http(ferry, name=f"crowd{i}") for i in range(12)]
    ferry.log_expect("accept-paused", since=mark)
    cpu = ferry.cpu_s()
    span(t, 1.5)
    ok(ferry.cpu_s() - cpu < 0.3, f"{ferry.cpu_s() - cpu:.2f} s of CPU while it could not accept")
    before.request("GET", "/livez")
    before.expect_status(200)
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (soft, hard))
    for h in crowd:
        h.close()

    def served():
        h = t.http(ferry, name="after")
        h.request("GET", "/livez")
        t.pump(lambda: h.eof or b"\r\n\r\n" in h.inbuf, "an answer or a close")
        return not h.eof
    drip(t, [], served, "the door to open again")
