"""A connection whose first head comes while the server waits, at its stop, for a request that the index holds up, is closed, once: nothing is
read from, or said on, what has the number of its descriptor by then."""
import signal

from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry()
    s = slot(t, ferry, "a.bin", 10)
    late = [t.http(ferry, name=f"late{i}") for i in range(4)]
    idle, put = t.http(ferry, name="idle"), t.http(ferry, name="put")
    for h in late:
        h.write("GET /livez HTTP/1.1\r\n")
    idle.request("GET", "/livez").expect_status(200)
    lock = ferry.hold_index()
    put.request("PUT", s.put_path, {"Content-Length": 10, "Expect": "100-continue"})
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")
    ferry.signal(signal.SIGTERM)
    idle.expect_eof()  # nothing is taken any more
    for h in late:
        h.write("Host: localhost\r\n\r\n", quiet=True)
    for h in late:
        h.expect_eof()
    lock.close()
    ferry.wait_exit(0)
