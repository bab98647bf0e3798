"""The deadlines of plain HTTP hold over TLS: silence and a dripped handshake (limits.handshake), a slow first and a slow later head, a slow
body, an idle connection. Who is answered there is answered here."""
import time

from talk import *
from talk.slots import drip, slot


def run(t):
    ferry = t.ferry(https=True, conf={"limits.handshake": "1s", "limits.head": "2s", "limits.stall": "1s"})
    begun = time.monotonic()
    silent, dripping = (t.dial(*ferry.address("https"), name=n) for n in ("silent", "dripping"))
    dripping.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    took = drip(t, [dripping], lambda: silent.eof and dripping.eof, "the handshakes to be given up")
    ok(0.8 < time.monotonic() - begun < 5, f"at their deadline: {took:.1f} s")
    eq((silent.read_all(), dripping.read_all()), (b"", b""))

    slow, mute, later, idle = (t.http(ferry, tls=True, name=n) for n in ("slow", "mute", "later", "idle"))
    for h in later, idle:
        h.request("GET", "/livez")
        h.expect_status(200)
    for h in later, slow:
        h.write(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: ")
    took = drip(t, (slow, later), lambda: all(h.eof for h in (slow, mute, later, idle)), "all to be closed")
    ok(1.5 < took < 6, f"at the deadline: {took:.1f} s")
    eq(slow.response().status, 408)
    eq((mute.read_all(), later.read_all(), idle.read_all()), (b"", b"", b""))
    ok(not any(h.was_cut for h in (slow, mute, later, idle)), "with a close_notify")

    s = slot(t, ferry, "a.bin", 100_000)
    h = t.http(ferry, tls=True)
    h.request("PUT", s.put_path, {"Content-Length": 100_000})
    drip(t, [h], lambda: h.eof, "the slow upload to be ended")
    eq(h.response().status, 408)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "its file to go")
    eq(t.get(ferry.https_url("/livez")).status, 200)
