"""Row 84: a thousand slow heads, and hundreds of them over TLS, are closed at their deadline; the memory and the descriptors that they had
come back; a neighbour is served meanwhile."""
import resource

from talk import *
from talk.slots import drip, store

TIME_LIMIT = 180
HALF = b"GET /livez HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 3000


def run(t):
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(8192, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    ferry = t.ferry(ways=True, mode="plain", conf={"limits.head": "5s", "limits.per_address": "0", "log.level": "info"})
    data = bytes(range(256)) * 4096
    s = store(t, ferry, "a.bin", data)
    for _ in range(3):
        ok(t.get(s.get).body == data, "asked for so often that it stays open")
    fds, memory = None, []
    for _ in range(3):
        crowd = []
        for way in ["first"] * 600 + ["later"] * 400 + ["tls-first"] * 100 + ["tls-later"] * 100:
            crowd.append(t.http(ferry, way=way))  # and has said something before its time is over
            crowd[-1].quiet = True
            crowd[-1].write(HALF, quiet=True)
        ok(t.get(s.get).body == data, "a neighbour meanwhile")
        drip(t, [], lambda: all(h.eof for h in crowd), "all to be closed", limit=40)
        firsts = [h for h in crowd if h.name.endswith("first")]
        told = sum(h.inbuf.startswith(b"HTTP/1.1 408 ") for h in firsts)
        ok(told == len(firsts), f"{told} of {len(firsts)} were told")
        for h in crowd:
            h.close()
        drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to go")
        fds = fds or ferry.fds()
        drip(t, [], lambda: ferry.fds() <= fds + 8, "the descriptors to come back, but for what wakes the workers")
        memory.append(ferry.rss_kb())
    ok(memory[2] - memory[0] < 3000, f"memory after each crowd: {memory}")
