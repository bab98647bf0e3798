"""A client that vanishes in the middle of a PUT, a GET or a handshake leaves nothing open; the same slot works afterwards."""
from talk import *
from talk.slots import drip, slot, store


def run(t):
    ferry = t.ferry(https=True)
    data = b"d" * 400_000
    s = slot(t, ferry, "a.bin", len(data))
    for i, end in enumerate(("abort", "close")):
        h = t.http(ferry, tls=True, name=end)
        h.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue"})
        eq(h.response(interim=True).status, 100)
        h.write(data[:65536 * (i + 1)], quiet=True)
        getattr(h, end)()
    eq(t.put(ferry.https_url(s.put), data).status, 201)
    drip(t, [], lambda: not [f for f in ferry.spool_files() if "tmp/" in f], "the unfinished files to go")
    eq(t.get(ferry.https_url(s.get)).body, data)
    big = store(t, ferry, "b.bin", data * 20)
    for end in ("abort", "close") * 3:
        h = t.http(ferry, tls=True, name=end)
        h.paused = True
        h.request("GET", big.get_path)
        getattr(h, end)()
        shake = t.dial(*ferry.address("https"), name=f"handshake {end}")
        shake.write(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
        getattr(shake, end)()
    drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to go")  # our own
    eq(t.get(ferry.https_url(big.get)).body == data * 20, True)
