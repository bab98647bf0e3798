"""curl puts a file into a slot and gets it back, whole and by ranges."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(300003)
    path = t.write("up.bin", data)
    put, get, headers = alice.slot("up.bin", len(data), "application/octet-stream")
    told = [x for name, value in headers.items() for x in ("-H", f"{name}: {value}")]
    p = t.curl("-T", path, "-H", "Content-Type: application/octet-stream", *told, "-w", "%{http_code}", "-o", os.devnull, put)
    eq(p.text, "201")
    eq(t.curl("-f", get).out, data)
    eq(t.curl("-f", "-r", "100000-200000", get).out, data[100000:200001])
    eq(t.curl("-f", "-r", "-7", get).out, data[-7:])
    t.write("part.bin", data[:123456])
    t.curl("-f", "-C", "-", "-o", t.path("part.bin"), get)
    with open(t.path("part.bin"), "rb") as f:
        eq(f.read(), data, "a download that was gone on with")
    eq(t.curl("-I", "-f", "-o", os.devnull, "-w", "%{http_code} %header{content-length}", get).text, f"200 {len(data)}")
