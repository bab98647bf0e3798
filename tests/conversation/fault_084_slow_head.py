"""Row 84: a head must be whole at its absolute deadline, however many bytes come meanwhile; silence is closed too; later heads as well."""
from talk import *
from talk.slots import drip


def run(t):
    ferry = t.ferry(conf={"limits.head": "1s"})
    slow, silent, later = t.http(ferry, name="slow"), t.http(ferry, name="silent"), t.http(ferry, name="later")
    later.request("GET", "/livez")
    later.expect_status(200)
    later.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: ")
    slow.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: ")
    took = drip(t, (slow, later), lambda: slow.eof and later.eof and silent.eof, "all three to be closed")
    ok(0.8 < took < 5, f"at the deadline: {took:.1f} s")
    eq(slow.response().status, 408)
    eq(silent.read_all(), b"")
    eq(t.get(ferry.url("/livez")).status, 200)
