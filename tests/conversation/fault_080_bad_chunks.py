"""Row 80: a chunked body that is not one, on a route that takes such bodies (uploads that go on) and on those that do not, by every way in:
400 and the end, no byte of it is taken for a request, and the upload goes on from what was whole. A plain connection's body is
libmicrohttpd's to read, which takes a bare LF for a line end; nginx reads bodies by itself and sends clean ones on."""
from talk import *
from talk.slots import PART, append, offset, slot

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
NO_SIZE = (b"g", b"0x5", b"+5", b"-5", b"", b" 5", b"5 ;", b"5\0", b"5,5", b"\x80", b"5\r5", b"0" * 5000 + b"g")
FAULTY = [size + b"\r\nhello\r\n0\r\n\r\n" for size in NO_SIZE] + [
    b"5\r\nhelloX\r\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n", b"5\r\nhello\r0\r\n\r\n", b"5\r\nhello\r\n\r\n0\r\n\r\n", b"4\r\nhello\r\n0\r\n\r\n", b"3\r\nhel\r\n" + GET]
STRICTER = [b"5 \r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n", b"5\r\nhello\r\n0\n\r\n", b"5\r\nhello\r\n0\r\nA: b\n\r\n",
            b"5\r\nhello\r\n0\r\nbad name: x\r\n\r\n", b"5\r\nhello\r\n0\r\n: x\r\n\r\n",
            b"5;" + b"e" * 600 + b"\r\nhello\r\n0\r\n\r\n", b"0" * 5000 + b"5\r\nhello\r\n0\r\n\r\n"]


def run(t):
    ferry = t.ferry(ways="client_body_timeout 1s;")
    for way in OWN_WAYS:
        s = slot(t, ferry, "a.bin", 100)
        eq(t.put(s.put, b"0123456789", {"Upload-Complete": "?0"}).status, 201)
        at = 10

        def send(head, body, taken=True):
            h = t.http(ferry, way=way)
            h.write(head.encode() + b"Host: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + body + GET)
            r = h.response()
            rest = h.read_all()
            ok(b"HTTP/1.1 " not in rest, f"{way}: {body[:60]!r} got {r}, and behind it {rest!r}")
            return r.status
        for body in FAULTY + (STRICTER if way in TLS_WAYS else []):
            head = f"PATCH {s.put_path} HTTP/1.1\r\nContent-Type: {PART}\r\nUpload-Complete: ?0\r\nUpload-Offset: {at}\r\n"
            eq(send(head, body), 400, f"{way}: {body[:60]!r}")
            at = offset(t, s)
        for path in ("/u/x/y", s.put_path):
            ok(send(f"PUT {path} HTTP/1.1\r\n", FAULTY[0]) in (400, 403, 411), "a PUT of a length that is not told")
        for head in ("POST /f/x/y", "GET /livez", "DELETE /f/x/y", "OPTIONS /", "POST /admin/", "BREW /"):
            ok(400 <= send(f"{head} HTTP/1.1\r\n", b"5\r\nhello\r\n0\r\n\r\n") < 502, head)
        left = b"x" * (100 - at)
        eq(append(t, s, left, at, True).status, 201, "the upload goes on")
        eq(t.get(s.get).body[-len(left):], left)
        # 2^63 and more, and 2^64 + 5, which some count as 5
        for size in (b"ffffffffffffffff", b"8000000000000000", b"10000000000000005"):
            s = slot(t, ferry, "b.bin", 5)
            h = t.http(ferry, way=way)
            h.write(f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nUpload-Complete: ?1\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + size +
                    b"\r\nhello\r\n0\r\n\r\n" + GET)
            ok(h.response().status in (400, 413), f"{way}: {size}")
            ok(b"HTTP/1.1 " not in h.read_all())
            ok(t.head(s.get).status in (404, 410), "nothing was stored")

    for i, body in enumerate(FAULTY + STRICTER):
        s = slot(t, ferry, "c.bin", 100)
        h = t.http(ferry, way=NGINX_WAYS[i % 2])
        h.write(f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nUpload-Complete: ?0\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + body +
                f"GET /n{i}n HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
        answers = re.findall(rb"^HTTP/1\.1 (\d{3})", h.read_all(), re.M)
        ok(answers in ([b"400"], [], [b"201", b"404"], [b"201", b"400"], [b"201"]), f"{body[:60]!r} got {answers}")
        ok(len(answers) == 2 or not ferry.log_has(f"GET /n{i}n"), "a request inside of a body")
