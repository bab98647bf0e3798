"""Over TLS a file that is coming in is read along, too; when it is lost the connection breaks, without the farewell that would end it well."""
import os

from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(https=True)
    data = os.urandom(300_000)
    for lost in (False, True):
        s = slot(t, ferry, "a.bin", len(data))
        sender = t.http(ferry, name="sender")
        sender.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue"})
        eq(sender.response(interim=True).status, 100)
        sender.write(data[:100_000], quiet=True)
        reader = t.http(ferry, tls=True, name="reader")
        reader.request("GET", s.get_path)
        ok(b" 200 " in reader.need_until(b"\r\n\r\n"), "a reader")
        eq(reader.need(100_000), data[:100_000])
        if lost:
            sender.abort()
            eq(reader.read_all(), b"")
            ok(reader.was_reset or reader.was_cut, "broken, not ended")
        else:
            sender.write(data[100_000:], quiet=True)
            sender.expect_status(201)
            eq(reader.need(200_000), data[100_000:])
