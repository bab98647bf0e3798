"""http.listen = unix:PATH: nginx reaches Ferry by a Unix socket, and is believed where trusted_proxies says `unix`; a leftover of that
socket does not stop a start, and a stop removes it."""
import os

from talk import *
from talk.servers import in_front
from talk.slots import store


def run(t):
    path = t.path("http.sock")
    nginx, ferry = in_front(t, conf={"http.listen": f"127.0.0.1:0,unix:{path}", "http.trusted_proxies": "unix", "limits.per_address": "3"},
                            change={"server 127.0.0.1:8080;": f"server unix:{path};"})
    ok(ferry.log_has(rf"ready .* http=unix:{re.escape(path)}"), "it is told")
    s = store(t, ferry, "a.txt", b"hello")
    since = ferry.log_mark()
    eq(t.get(s.get).body, b"hello")
    ferry.log_expect(r"http GET /f status=200 peer=127\.0\.0\.1$", since)
    held = [t.http(nginx.base) for _ in range(8)]  # nginx's own connections are not limited
    for h in held:
        h.request("GET", s.get_path).expect_status(200)
    r = t.http(ferry, source="127.0.0.3").request("GET", s.get_path, {"X-Forwarded-For": "192.0.2.1"}).expect_status(200)
    ok(not ferry.log_has(r"peer=192\.0\.2\.1"), "over TCP nobody is believed")

    ferry.kill9()
    ok(os.path.exists(path), "left over")
    ferry.start()
    eq(t.get(s.get).body, b"hello")
    ferry.stop()
    ok(not os.path.exists(path), "removed")
