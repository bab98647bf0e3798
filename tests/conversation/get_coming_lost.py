"""When the upload is lost, or a newer one takes over, who reads it along is reset: a part never looks like the file. The next GET waits."""
from talk import *
from talk.slots import slot
import os


def begin(t, ferry, s, data, name):
    sender = t.http(ferry, name=name)
    sender.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue"})
    eq(sender.response(interim=True).status, 100)
    sender.write(data[:100_000], quiet=True)
    return sender


def follow(t, ferry, s, data):
    reader = t.http(ferry, name="reader")
    reader.request("GET", s.get_path)
    ok(b" 200 " in reader.need_until(b"\r\n\r\n"), "a reader")
    eq(reader.need(100_000), data[:100_000])
    return reader


def lost(t, reader):
    rest = reader.read_all()
    ok(reader.was_reset, "reset")
    ok(len(rest) < 200_000, "never the whole")


def run(t):
    ferry = t.ferry()
    data = os.urandom(300_000)
    s = slot(t, ferry, "a.bin", len(data))
    reader = None
    for end in ("abort", "close"):
        sender = begin(t, ferry, s, data, end)
        reader = follow(t, ferry, s, data)
        getattr(sender, end)()
        lost(t, reader)
        t.pump(lambda: t.get(s.get).status == 404, "nothing to be coming")
    first = begin(t, ferry, s, data, "first")
    reader = follow(t, ferry, s, data)
    second = begin(t, ferry, s, data, "second")
    lost(t, reader)
    reader = follow(t, ferry, s, data)
    second.write(data[100_000:], quiet=True)
    second.expect_status(201)
    eq(reader.need(200_000), data[100_000:])
    first.abort()
    gone = slot(t, ferry, "b.bin", len(data))
    sender = begin(t, ferry, gone, data, "removed")
    reader = follow(t, ferry, gone, data)
    ferry.ctl("rm", gone.id)
    lost(t, reader)
    eq(t.get(gone.get).status, 410)
