"""Row 82: 64 KiB of headers 431, a 16 KiB URI 414, 1000 headers 431, by every way in; a head just below the limits is served. A later
plain head may be refused by libmicrohttpd, whose memory is smaller, as 413."""
from talk import *

HOST = "Host: localhost\r\n"


def run(t):
    ferry = t.ferry(ways=True)
    refused(t, ferry, f"GET /livez HTTP/1.1\r\n{HOST}A: {'a' * 65536}\r\n\r\n".encode(), 431, later=(413, 431))
    refused(t, ferry, f"GET /{'a' * 16384} HTTP/1.1\r\n{HOST}\r\n".encode(), 414, later=(414,))
    refused(t, ferry, f"GET /livez HTTP/1.1\r\n{HOST}{'A: b' + chr(13) + chr(10)}{'A: b' + chr(13) + chr(10)}".encode() + b"A: b\r\n" * 1000 + b"\r\n", 431,
            later=(413, 431), proxied=(431,))
    refused(t, ferry, f"{'G' * 33} /livez HTTP/1.1\r\n{HOST}\r\n".encode(), 400, later="hidden", proxied=(501,))
    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)
        query, value = ("a" * 8000, "a" * 8000) if way == "first" else ("a" * 2000, "a" * 4000)
        for _ in range(2):
            h.write(f"GET /livez?{query} HTTP/1.1\r\n{HOST}A: {value}\r\n\r\n".encode())
            eq(h.response().status, 200, way)
            query, value = "a" * 2000, "a" * 4000
    big = t.http(ferry, tls=True)  # what memory holds it is chosen by the first head
    big.write(f"GET /livez?{'a' * 8000} HTTP/1.1\r\n{HOST}A: {'a' * 8000}\r\n\r\n".encode())
    big.expect_status(200)
