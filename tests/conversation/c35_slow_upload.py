"""C35: the time for a PUT is the time to begin it: an upload that began is not cut, however long it takes; one that did not is refused."""
import time

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"slots.put_deadline": "4s", "slots.resume_for": "1s", "limits.min_rate": 1})
    alice = t.xmpp(ferry, "alice")
    data = b"slow" * 2000
    put, get, _ = alice.slot("slow.bin", len(data))
    h = t.http(put)
    host, path = put.split("/", 3)[2:]
    h.write(f"PUT /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: {len(data)}\r\n\r\n".encode() + data[:4000])
    t.pump(lambda: any(r["state"] == "receiving" for r in ferry.ctl("ls", "--json").objects), "the upload to begin")
    late, _, _ = alice.slot("late.bin", 4)
    begun, sent = time.time(), 4000
    while time.time() < begun + 5:
        h.write(data[sent:sent + 100])
        sent += 100
        t.turn(0.1)
    eq(t.put(late, b"late").status, 403, "it had four seconds to begin")
    h.write(data[sent:])
    h.expect_status(201)
    eq(t.get(get).body, data)
