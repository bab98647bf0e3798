"""Out of descriptors HTTPS sheds instead of spinning: who was there is served on, and others again once there are some."""
import resource

from talk import *
from talk.slots import drip, span


def run(t):
    ferry = t.ferry(https=True)
    used = ferry.fds()
    used = used if isinstance(used, int) else len(used)
    before = t.http(ferry, tls=True, name="before")
    before.request("GET", "/livez")
    before.expect_status(200)
    soft, hard = resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (used + 8, hard))
    mark = ferry.log_mark()
    crowd = [t.dial(*ferry.address("https"), name=f"crowd{i}") for i in range(12)]
    ferry.log_expect("accept-paused", since=mark)
    cpu = ferry.cpu_s()
    span(t, 1.5)
    ok(ferry.cpu_s() - cpu < 0.3, f"{ferry.cpu_s() - cpu:.2f} s of CPU while it could not accept")
    before.request("GET", "/livez")
    before.expect_status(200)
    # One that gets in finds no descriptors for its pair, and is closed.
    crowd[0].start_tls()
    crowd[0].write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
    crowd[0].expect_eof()
    resource.prlimit(ferry.pid, resource.RLIMIT_NOFILE, (soft, hard))
    for h in crowd:
        h.close()

    def served():
        h = t.dial(*ferry.address("https"), name="after")
        try:
            h.start_tls()
        except Failure:
            return False
        return True
    drip(t, [], served, "the door to open again")
