"""The deadlines of plain HTTP hold over TLS: silence and a dripped handshake (limits.handshake), a slow first and a slow later head, a slow
body, an idle connection. Who is answered there is answered here."""
import time

from talk import *
from talk.slots import drip, slot


def run(t):
    ferry = t.ferry(https=True, conf={"limits.handshake": "1s"})
    begun = time.monotonic()
    silent, dripping = (t.dial(*ferry.address("https"), name=n) for n in ("silent", "dripping"))
    dripping.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    drip(t, [dripping], lambda: silent.eof and dripping.eof, "the handshakes to be given up")
    ok(time.monotonic() - begun > 0.8, "before their deadline")
    eq((silent.read_all(), dripping.read_all()), (b"", b""))

    ferry.reload(**{"limits.handshake": None})
    later, idle = (t.http(ferry, tls=True, name=n) for n in ("later", "idle"))
    for h in later, idle:
        h.request("GET", "/livez").expect_status(200)
    ferry.reload(**{"limits.head": "2s"})
    begun = time.monotonic()
    slow, mute = (t.http(ferry, tls=True, name=n) for n in ("slow", "mute"))
    half = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: "
    slow.write(half)
    later.write(half + b"b\r\n\r\n" + half)
    for h in later, idle.request("GET", "/livez"):
        h.method = "GET"
        h.expect_status(200)
    drip(t, (slow, later), lambda: all(h.eof for h in (slow, mute, later, idle)), "all to be closed")
    ok(time.monotonic() - begun > 1.5, "before the deadline")
    eq(slow.response().status, 408)
    eq((mute.read_all(), later.read_all(), idle.read_all()), (b"", b"", b""))
    ok(not any(h.was_cut for h in (slow, mute, later, idle)), "with a close_notify")

    ferry.reload(**{"limits.head": None, "limits.stall": "1s"})
    s = slot(t, ferry, "a.bin", 100_000)
    h = t.http(ferry, tls=True)
    h.request("PUT", s.put_path, {"Content-Length": 100_000})
    drip(t, [h], lambda: h.eof, "the slow upload to be ended")
    eq(h.response().status, 408)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "its file to go")
    eq(t.get(ferry.https_url("/livez")).status, 200)
