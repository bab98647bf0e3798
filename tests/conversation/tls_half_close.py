"""A client that ends its half, with or without close_notify, gets the answers to all it has asked, then the end; one that ends it inside of
a body gets none. Of a head that was not finished nothing is heard."""
import ssl

from talk import *
from talk.slots import slot, store

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"


class Tls:
    """TLS by hand over a wire: the ssl module reads on when it says close_notify, and drops what it gets."""

    def __init__(self, t, ferry):
        self.t, self.wire = t, t.dial(*ferry.address("https"), name="by hand")
        self.wire.quiet = True
        self.inward, self.outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = tls_context().wrap_bio(self.inward, self.outward, server_hostname="localhost")
        while True:
            try:
                self.tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                self.wire.write(self.outward.read())
                t.pump(lambda: self.wire.inbuf, "the handshake")
                self.feed()

    def feed(self):
        self.inward.write(bytes(self.wire.inbuf))
        self.wire.inbuf.clear()

    def say_and_end(self, data, notify):
        """Returns all the answer, and whether it ended with a close_notify."""
        self.tls.write(data)
        if notify:
            try:
                self.tls.unwrap()
            except ssl.SSLWantReadError:
                pass
        self.wire.write(self.outward.read())
        self.wire.shut()
        self.t.pump(lambda: self.wire.eof, "the end")
        self.feed()
        self.inward.write_eof()
        answer = b""
        while True:
            try:
                data = self.tls.read(65536)
            except ssl.SSLZeroReturnError:
                return answer, True
            except ssl.SSLError:
                return answer, False
            if not data:
                return answer, True
            answer += data


def run(t):
    ferry = t.ferry(https=True, conf={"limits.head": "60s"})
    data = bytes(range(256)) * 4000
    s = store(t, ferry, "a.bin", data)

    def put(s, size):
        return f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n\r\n".encode()
    for notify in (True, False):
        for tail in (b"", b"GET /livez HTTP/1.1\r\nHo"):
            answer, ended = Tls(t, ferry).say_and_end(f"GET {s.get_path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() + GET * 3 + tail, notify)
            eq((answer.count(b"HTTP/1.1 200 "), answer.count(b"HTTP/1.1 "), data in answer, answer.endswith(b"ok\n"), ended), (4, 4, True, True, True))
        answer, ended = Tls(t, ferry).say_and_end(put(slot(t, ferry, "b.bin", len(data)), len(data)) + data, notify)
        eq((answer[:13], ended), (b"HTTP/1.1 201 ", True))
        half = slot(t, ferry, "c.bin", len(data))
        eq(Tls(t, ferry).say_and_end(put(half, len(data)) + data[:-1], notify), (b"", True))
        eq(t.put(ferry.https_url(half.put), data).status, 201)
        eq(Tls(t, ferry).say_and_end(b"", notify), (b"", True))
