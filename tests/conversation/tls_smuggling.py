"""Bodies are followed by their framing: what stands in a body is never a request, what stands behind it is judged as one, and a chunked body
that two readers could read differently ends the connection, after the answers that were due."""
from talk import *
from talk.slots import slot

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /drop HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


def run(t):
    ferry = t.ferry(https=True, conf={"limits.head": "60s"})
    # A request inside of a body, behind one, and a bad head behind one.
    inner = GET + b"GET /metrics HTTP/1.1\nHost: x\n\n"
    for tail, status in ((GET, 200), (b"GET /livez HTTP/1.1\nHost: localhost\n\n", 400), (b"GE\0T / HTTP/1.1\r\n\r\n", 400)):
        s = slot(t, ferry, "a.bin", len(inner))
        h = t.http(ferry, tls=True)
        h.method = "GET"
        h.write(GET + f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {len(inner)}\r\n\r\n".encode() + inner + tail)
        eq([h.response().status for _ in range(3)], [200, 201, status])
        if status == 400:
            h.closed()
        eq(t.get(s.get).body, inner)
    # A chunked body with all that may be in one, and requests around it.
    s = slot(t, ferry, "c.bin", 15)
    h = t.http(ferry, tls=True)
    h.method = "GET"
    h.write(GET + f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nUpload-Complete: ?1\r\nTransfer-Encoding: chunked\r\n\r\n".encode() +
            b"00a;x=\"y\";z\r\nGET / HTTP\r\n5\r\n\r\n\r\n0\r\n0\r\nX: y\r\n\r\n" + GET)
    eq([h.response().status for _ in range(3)], [200, 201, 200])
    eq(t.get(ferry.https_url(s.get)).body, b"GET / HTTP\r\n\r\n0")
    # Where no chunked body is taken the refusal comes before it is read (411), unless the framing is at fault first.
    for body in (b"5\r\nhello\r\n0\r\n\r\n", b"05;a=b;c=\"d\"\r\nhello\r\n000\r\nX: y\r\n\r\n"):
        h = t.http(ferry, tls=True)
        h.method = "POST"
        h.write(GET + POST + body)
        eq(h.response().status, 200)
        ok(h.response().status in (404, 405, 411), "refused by the handler")
        h.expect_eof()
    s = slot(t, ferry, "b.bin", 5)
    for body in (b"5\nhello\r\n0\r\n\r\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n", b"\r\n0\r\n\r\n", b"5\r\nhelloX\r\n0\r\n\r\n",
                 b"5\r\nhello0\r\n\r\n", b"5\r\nhello\r\n0\r\nbad name: x\r\n\r\n", b"5\r\nhello\r\n0\r\nA: \0\r\n\r\n", b"5\r\nhello\r\n0\r\nA: b\n\r\n",
                 b"ffffffffffffffff\r\nhello", b"5;" + b"e" * 600 + b"\r\nhello\r\n0\r\n\r\n", b"5;a=\0\r\nhello\r\n0\r\n\r\n",
                 b"1;" + b"e" * 500 + b"\r\nh\r\n" + (b"1;" + b"e" * 500 + b"\r\nh\r\n") * 40, b"0\r\n" + b"A: b\r\n" * 2000 + b"\r\n"):
        h = t.http(ferry, tls=True)
        h.method = "PUT"
        h.write(GET + f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode() + body + GET)
        eq(h.response().status, 200)
        ok(h.response().status in (400, 411), f"{body[:40]!r}")
        eq(h.read_all(), b"", "and no more")
    eq(t.put(ferry.https_url(s.put), b"hello").status, 201, "none of them took the slot")
    # After a request that says it is the last nothing is looked at.
    for line in (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: te, Close\r\n\r\n", b"GET /livez HTTP/1.0\r\nHost: localhost\r\n\r\n"):
        h = t.http(ferry, tls=True)
        h.method = "GET"
        h.write(GET + line + b"\0\0\0 nonsense\n")
        eq([h.response().status for _ in range(2)], [200, 200])
        h.closed()
    h = t.http(ferry, tls=True)
    h.method = "GET"
    h.write((b"GET /livez HTTP/1.0\r\nHost: localhost\r\nConnection: Keep-Alive\r\n\r\n") * 2)
    eq([h.response().status for _ in range(2)], [200, 200])
