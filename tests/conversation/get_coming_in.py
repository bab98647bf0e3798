"""A whole GET of a file that is still coming in gets its bytes as they arrive, the last one after the commit; there is nothing to keep
or to compare it by; HEAD is 404 and a browser's page waits until then."""
from talk import *
from talk.slots import BROWSER, slot
import os


def run(t):
    ferry = t.ferry()
    data = os.urandom(500_000)
    s = slot(t, ferry, "grün.png", len(data), "image/png")
    sender = t.http(ferry, name="sender")
    sender.request("PUT", s.put_path, {"Content-Length": len(data), "Expect": "100-continue", "Content-Type": "image/png"})
    eq(sender.response(interim=True).status, 100)

    early = t.http(ferry, name="early")  # before a byte is there
    early.request("GET", s.get_path)
    sender.write(data[:200_000], quiet=True)
    head = early.need_until(b"\r\n\r\n").decode("latin-1")
    ok(head.startswith("HTTP/1.1 200 "), head)
    eq(early.need(200_000), data[:200_000])
    late = t.http(ferry, name="late")
    late.request("GET", s.get_path, {"Range": "bytes=5-9", "If-None-Match": "*"})
    late_head = late.need_until(b"\r\n\r\n").decode("latin-1")
    for text in (head, late_head):
        fields = dict(line.split(": ", 1) for line in text.split("\r\n")[1:] if line)
        ok(text.startswith("HTTP/1.1 200 "), "no part of it, whatever is asked")
        eq(fields["Content-Length"], str(len(data)))
        eq(fields["Cache-Control"], "no-store")
        eq(fields["Content-Type"], "application/octet-stream", "what is declared is not what it is")
        ok(fields["Content-Disposition"].startswith("attachment;") and "gr%C3%BCn.png" in fields["Content-Disposition"], fields)
        eq((fields["X-Content-Type-Options"], fields["Access-Control-Allow-Origin"]), ("nosniff", "*"))
        ok("sandbox" in fields["Content-Security-Policy"], fields)
        ok(not {"ETag", "Last-Modified", "Content-Range"} & fields.keys(), fields)
    eq(late.need(200_000), data[:200_000])

    eq(t.head(s.get).status, 404)
    eq(t.get(s.get, {"If-Match": '"other"'}).status, 412, "it has no tag yet")
    page = t.get(s.get, BROWSER)
    ok(page.status == 200 and "has not finished yet" in page.text, "the page waits")
    sender.write(data[200_000:-1], quiet=True)
    for reader in (early, late):
        eq(reader.need(299_999), data[200_000:-1])
    sender.write(data[-1:])
    sender.expect_status(201)
    for reader in (early, late):
        eq(reader.need(1), data[-1:])
        reader.request("HEAD", s.get_path)  # the connection lives on
        ok(reader.expect_status(200)["ETag"], "now it can be kept")
    eq(t.get(s.get, {"Range": "bytes=5-9"}).status, 206)
