"""Ferry's limits hold through nginx, for the client and not for nginx: connections of one address (row 87), the least rate of a body
(row 85), two uploads at once (row 74), many requests in one go (row 100)."""
from talk import *
from talk.servers import in_front
from talk.slots import drip, slot, store


def run(t):
    nginx, ferry = in_front(t, conf={"limits.per_address": "2", "limits.min_rate": "1000"})
    here = lambda source, name="http": t.http(nginx.base, source=source, name=name)
    slots = [slot(t, ferry, "a.txt", 5000) for _ in range(2)]
    slow = []
    for i, s in enumerate(slots):
        h = here("127.0.0.2", f"slow{i}").request("PUT", s.put_path, {"Content-Length": 5000})
        h.write(b"x")
        slow.append(h)
        t.pump(lambda: sum("claimed attempt=1" in line for line in ferry.log) == i + 1, "the upload to begin")
    eq(here("127.0.0.2").request("GET", "/livez").response().status, 503, "a third one of that client")
    eq(here("127.0.0.3").request("GET", "/livez").response().status, 200, "another client")
    ferry.reload(**{"limits.stall": "1s"})
    drip(t, slow, lambda: all(h.eof or h.inbuf for h in slow), "the slow ones to be ended")
    for h in slow:
        ok(h.eof or h.response().status in (408, 502), "an end that says so")
    free = lambda: here("127.0.0.2").request("GET", "/livez").response().status == 200
    drip(t, [], free, "their places to be free")
    ferry.reload(**{"limits.stall": None})

    s = slot(t, ferry, "b.txt", 5)
    two = [here(f"127.0.0.{i}", f"put{i}").request("PUT", s.put_path, {"Content-Length": 5}) for i in (4, 5)]
    two[0].write(b"12345")
    two[1].write(b"67890")
    eq(sorted(h.response().status for h in two), [201, 409], "one file")

    s = store(t, ferry, "c.txt", bytes(range(200)))
    h = here("127.0.0.6")
    h.quiet = True
    h.write(b"".join(f"GET {s.get_path} HTTP/1.1\r\nHost: {h.host}\r\nRange: bytes={i}-{i}\r\n\r\n".encode() for i in range(200)), quiet=True)
    for i in range(200):
        h.method = "GET"
        eq(h.expect_status(206).body, bytes([i]))
