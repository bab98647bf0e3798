"""Row 84: a head must be whole at its absolute deadline, however many bytes come meanwhile; silence is closed too; later heads as well."""
from talk import *
import time


def run(t):
    ferry = t.ferry(conf={"limits.head": "1s"})
    drip, silent, later = t.http(ferry, name="drip"), t.http(ferry, name="silent"), t.http(ferry, name="later")
    later.request("GET", "/livez")
    later.expect_status(200)
    later.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: ")
    drip.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: ")
    begun, next_byte = time.monotonic(), [0.0]

    def done():
        if time.monotonic() > next_byte[0] and not drip.eof:
            next_byte[0] = time.monotonic() + 0.1
            drip.write(b"a", quiet=True)
            later.write(b"a", quiet=True)
        return drip.eof and later.eof and silent.eof
    t.pump(done, "all three to be closed", 10)
    ok(0.8 < time.monotonic() - begun < 5, "at the deadline")
    eq(drip.response().status, 408)
    eq(silent.read_all(), b"")
    eq(t.get(ferry.url("/livez")).status, 200)
