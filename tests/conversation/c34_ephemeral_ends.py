"""C34: of an ephemeral file nothing is served after its time: not the rest of a download under way, not from a cache. Any other file's
download goes on to its end."""
import time

from talk import *
from talk.slots import store
import os


def stamp(wall):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(wall))


def reader_of(t, ferry, path, name):
    reader = t.http(ferry, name=name, rcvbuf=4096)
    reader.request("GET", path)
    head = reader.need_until(b"\r\n\r\n").decode("latin-1")
    reader.paused = True
    reader.quiet = True
    return reader, head


def run(t):
    ferry = t.ferry(users=["alice"], mode="plain")
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(20_000_000)
    until = int(time.time()) + 8
    put, get, _ = alice.slot("a.bin", len(data), extra=f"<ephemeral xmlns='{NS['purpose']}' expire-before='{stamp(until)}'/>")
    eq(t.put(put, data).status, 201)
    other = store(t, ferry, "b.bin", data)
    path = "/f/" + get.split("/f/")[1]
    ephemeral, head = reader_of(t, ferry, path, "ephemeral")
    ok(" 200 " in head and "Cache-Control: no-store" in head, head)
    lasting, head = reader_of(t, ferry, other.get_path, "lasting")
    ok("Cache-Control: private, max-age=" in head, head)
    ferry.ctl("extend", other.id, "1s")
    t.pump(lambda: ferry.log_has("cut off"), "the end of its time")
    t.pump(lambda: t.head(ferry.url(path)).status == 410 and t.head(other.get).status == 410, "both to have expired")
    ephemeral.paused = lasting.paused = False
    got = ephemeral.read_all()
    ok(ephemeral.was_reset and len(got) < len(data), "the rest of it is not served")
    eq(lasting.need(len(data)) == data, True, "sent to its end")
