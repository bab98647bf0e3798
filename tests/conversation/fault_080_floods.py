"""Row 80: chunk extensions of 1 MiB, trailers without end and a chunk a byte, on every way in: an error and the end, within the memory that
a connection has, whatever takes the body; neighbours are served."""
from talk import *
from talk.slots import slot

MIB = 1 << 20
HUGE = {
    "an extension": b"5;" + b"e" * MIB + b"\r\nhello\r\n0\r\n\r\n",
    "the last extension": b"5\r\nhello\r\n0;" + b"e" * MIB + b"\r\n\r\n",
    "many extensions": (b"1;" + b"e" * 400 + b"\r\nh\r\n") * 3000 + b"0\r\n\r\n",
    "a trailer": b"5\r\nhello\r\n0\r\nA: " + b"e" * MIB + b"\r\n\r\n",
    "many trailers": b"5\r\nhello\r\n0\r\n" + b"A: b\r\n" * 200_000 + b"\r\n",
    "a size": b"0" * MIB + b"5\r\nhello\r\n0\r\n\r\n",
}


def run(t):
    ferry = t.ferry(ways=True, mode="plain")
    before = None
    for round in range(3):
        for way in HTTP_WAYS:
            for what, body in HUGE.items():
                s = slot(t, ferry, "a.bin", 5)
                for fields, path in (("Upload-Complete: ?0\r\n", s.put_path), ("", s.put_path), ("", "/f/x/y")):
                    h = t.http(ferry, way=way)
                    h.quiet = True
                    h.write(f"{'POST' if path == '/f/x/y' else 'PUT'} {path} HTTP/1.1\r\nHost: localhost\r\n{fields}Transfer-Encoding: chunked\r\n\r\n".encode() + body)
                    if way in NGINX_WAYS:
                        h.method = "PUT"
                        ok(h.response().status in (201, 400, 404, 411, 413, 500, 502), f"{way}: {what}")
                        h.close()
                        continue
                    got = h.read_all()
                    status = re.match(rb"HTTP/1\.1 (\d{3})", got)
                    ok(status and 400 <= int(status[1]) < 502 and (way not in TLS_WAYS or int(status[1]) != 500), f"{way}: {what} got {got[:200]!r}")
            eq(t.get(ferry.url("/livez")).status, 200)
        grown = ferry.rss_kb() - (before or ferry.rss_kb())
        before = before or ferry.rss_kb()
    ok(grown < 4000, f"memory grew by {grown} kB after the first round")
