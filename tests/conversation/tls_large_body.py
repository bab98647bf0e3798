"""A large body by TLS goes past libmicrohttpd, and nobody can tell: on one connection it comes behind small requests and before others, all
in one write; a body of two parts; one with a header of the name that hides its length; a large form of the operator's."""
import os

from talk import *
from talk.slots import PART, slot, store

GET = b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"
SIZE = 400_000


def head(method, path, **lines):
    return (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{n.replace('_', '-')}: {v}\r\n" for n, v in lines.items()) + "\r\n").encode()


def run(t):
    ferry = t.ferry(https=True)
    data = os.urandom(SIZE)
    first, parts, odd = (slot(t, ferry, f"{n}.bin", SIZE) for n in ("first", "parts", "odd"))
    h = t.http(ferry, tls=True)
    h.quiet, h.method = True, "GET"
    h.write(GET + head("PUT", first.put_path, Content_Length=SIZE) + data + GET +
            head("PUT", parts.put_path, Content_Length=SIZE // 2, Upload_Complete="?0", Upload_Length=SIZE) + data[:SIZE // 2] + GET +
            head("PATCH", parts.put_path, Content_Length=SIZE // 2, Upload_Complete="?1", Upload_Offset=SIZE // 2, Content_Type=PART) +
            data[SIZE // 2:] + GET)
    eq([h.response().status for _ in range(7)], [200, 201, 200, 201, 200, 201, 200])
    h.request("PUT", odd.put_path, {"Content-Bypass": "5", "content-length": SIZE}, data)
    eq(h.response().status, 201)
    for s in first, parts, odd:
        h.request("GET", s.get_path)
        eq(h.response().body == data, True, "the bytes")
    h.request("PUT", slot(t, ferry, "none.bin", SIZE).put_path, {"Content-Bypass": str(SIZE), "Content-Length": None})
    h.expect_status(411)
    again = t.http(ferry, tls=True)
    again.request("PUT", first.put_path, {"Content-Length": SIZE, "Expect": "100-continue", "Connection": "close"})
    eq(again.response(interim=True).status, 100)
    again.write(data, quiet=True)
    again.expect_status(201)  # it is the stored file again: it was only hashed
    again.closed()
    eq(store(t, ferry, "after.bin", b"small").created.status, 201)
