"""SIGTERM over TLS: uploads under way end with their 201, a reader gets the rest of his file, an idle connection is closed; exit 0."""
import os
import signal

from talk import *
from talk.slots import slot, store


def run(t):
    ferry = t.ferry(https=True)
    data = os.urandom(2_000_000)
    stored = store(t, ferry, "a.bin", data)
    s = slot(t, ferry, "b.bin", len(data))
    up, idle, reader = (t.http(ferry, tls=True, name=n) for n in ("up", "idle", "reader"))
    half = t.dial(*ferry.address("https"), name="half a handshake")
    idle.request("GET", "/livez")
    idle.expect_status(200)
    reader.paused = True
    reader.request("GET", stored.get_path)
    up.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue"})
    eq(up.response(interim=True).status, 100)
    up.write(data[:1000], quiet=True)
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")
    up.write(data[1000:], quiet=True)
    up.expect_status(201)
    reader.paused = False
    eq(reader.response(method="GET").body == data, True, "the rest of the file")
    ferry.wait_exit(0)
    idle.expect_eof()
    half.expect_eof()
    ferry.start()
    eq(t.get(ferry.https_url(s.get)).body == data, True)
