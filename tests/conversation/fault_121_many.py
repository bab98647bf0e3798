"""Row 121: SIGTERM with many uploads and sessions: nothing new is accepted, what ends in time is acknowledged, a second SIGTERM
tells the rest system-shutdown and ends with 0 at once; what was acknowledged is there afterwards, the rest is not served."""
import os
import signal
import socket
import time

from talk import *
from talk.slots import drip, slot


def refused(address):
    with socket.socket() as s:
        return s.connect_ex(address) != 0


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.per_address": "0", "limits.sessions_per_user": "100"})
    sessions = [t.xmpp(ferry, "alice", resource=f"s{i}", tls=None, auth="iq-password", presence=False) for i in range(40)]
    size = 50_000
    slots = [slot(t, ferry, f"f{i}.bin", size) for i in range(30)]
    data = [os.urandom(size) for _ in slots]
    ups = [t.http(ferry, name=f"up{i}") for i in range(len(slots))]
    for up, s in zip(ups, slots):
        up.request("PUT", s.put_path, {"Content-Length": size, "Expect": "100-continue"})
    for up, d in zip(ups, data):
        eq(up.response(interim=True).status, 100)
        up.write(d[:1000], quiet=True)
    offers = []
    for x in sessions[:10]:
        o = x.offer("bob@localhost", "a.txt", b"0123456789", methods=("ibb",))
        o.accepted()
        x.ibb_open("bob@localhost", o.sid)
        offers.append((x, o))
    ferry.signal(signal.SIGTERM)
    ferry.log_expect("draining")
    for what in "http", "xmpp":
        drip(t, [], lambda: refused(ferry.address(what)), f"{what} to be closed")
    for up, d in list(zip(ups, data))[:15]:
        up.write(d[1000:], quiet=True)
        eq(up.response().status, 201)
    for x, o in offers[:5]:
        x.ibb_blocks("bob@localhost", o.sid, b"0123456789")
        eq(x.ibb_close("bob@localhost", o.sid)["type"], "result")
    began = time.monotonic()
    ferry.signal(signal.SIGTERM)
    for x in sessions:
        x.expect_stream_error("system-shutdown", skip=("*",))
    ferry.wait_exit(0, limit=10)
    ok(time.monotonic() - began < 5, f"the second one took {time.monotonic() - began:.1f} s")
    ferry.start()
    for i, (s, d) in enumerate(zip(slots, data)):
        r = t.get(s.get)
        if i < 15:
            eq((r.status, r.body == d), (200, True), s.id)
        else:
            eq(r.status, 404, s.id)
    rows = ferry.ctl("--json", "ls").objects
    eq([row["state"] for row in rows].count("stored"), 20)
    kept = {f"tmp/{row['id']}.1" for row in rows if row["kept"]}  # the PUTs: they may be gone on with
    eq({p for p in ferry.spool_files() if p.startswith("tmp/")}, kept)
    eq(len(kept), len(slots) - 15)
