"""Row 76: a chunked PUT is refused with 411, by every way in: a slot is for an exact length. nginx gives a short body its length."""
from talk import *
from talk.slots import slot


def run(t):
    ferry = t.ferry(ways=True)
    for way in HTTP_WAYS:
        s = slot(t, ferry, "a.txt", 5)
        h = t.http(ferry, way=way)
        h.request("PUT", s.put_path, {"Transfer-Encoding": "chunked", "Expect": "100-continue"})
        eq(h.response(interim=way in OWN_WAYS).status, 411, way)
        if way in OWN_WAYS:
            h.closed()
        h = t.http(ferry, way=way)
        h.write(f"PUT {s.put_path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n".encode())
        eq(h.response().status, 201 if way in NGINX_WAYS else 411, way)
        if way in OWN_WAYS:
            h.closed()
            eq(t.put(s.put, b"12345").status, 201)
        eq(t.get(s.get).body, b"12345")
