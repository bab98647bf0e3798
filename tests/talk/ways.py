"""The ways in over HTTP: what a hostile client writes must come to the same end by each of them.

    for way in HTTP_WAYS:
        h = t.http(ferry, way=way)          ferry = t.ferry(ways=True)

    first, later                a connection of its own; a good request has been answered on it before
    tls-first, tls-later        the same over TLS
    nginx-first, nginx-later    the same through nginx, by contrib/nginx.conf; it is started once, for the first of them

What stands in front may refuse by itself (by_nginx(r)). It is then no answer of ours; what counts is that Ferry never takes one request
for two, nor a part of one for another: refused() holds every way against that.
"""
import itertools
import re
from urllib.parse import urlsplit

from .core import Failure, eq, ok
from .http import Http, dial

DIRECT_WAYS = ("first", "later")
TLS_WAYS = ("tls-first", "tls-later")
NGINX_WAYS = ("nginx-first", "nginx-later")
OWN_WAYS = DIRECT_WAYS + TLS_WAYS  # nobody between
HTTP_WAYS = OWN_WAYS + NGINX_WAYS

PROXY = "127.0.0.9"  # nginx asks from here, and only it is believed about its clients

_numbers = itertools.count()


def _nginx(ferry):
    from .servers import Nginx
    if not ferry.nginx:
        ferry.nginx = Nginx(ferry.t).start(ferry, change={
            "proxy_pass http://ferry;": f"proxy_pass http://ferry; proxy_bind {PROXY};",
            "server_name files.example.org;": f"server_name localhost; lingering_timeout 1s; {ferry.ways}"})
    return ferry.nginx


def open_way(t, ferry, way, source=None, rcvbuf=None):
    """A connection by this way: an Http on which the next request is the first or a later one."""
    if way not in HTTP_WAYS:
        raise Failure(f"no way in: {way}")
    where, _, turn = way.rpartition("-")
    address = ("127.0.0.1", _nginx(ferry).port) if where == "nginx" else ferry.address("https" if where == "tls" else "http")
    h = dial(t, way, *address, kind=Http, source=source, rcvbuf=rcvbuf)
    h.host = urlsplit(ferry.conf["http.public_url"]).netloc
    if where == "tls":
        h.start_tls()
    if turn == "later":
        h.request("GET", "/livez").expect_status(200)
    return h


def by_nginx(r):
    """An error that nginx tells by itself."""
    return r.status >= 400 and b"<center>nginx" in r.body


def refused(t, ferry, data, status, later=None, proxied=(), ways=HTTP_WAYS):
    """Writes a request that ends a connection, and an honest one behind it, by every way. Ferry's answer is `status` as a problem, then
    the end: the second request is never seen. later: the statuses of a later plain head, where libmicrohttpd reads it first; "hidden":
    it is not told from an honest one there. proxied: what else comes of it behind nginx, which makes a clean request of some."""
    marks = []
    for way in ways:
        mark = f"/n{next(_numbers)}n"
        h = t.http(ferry, way=way)
        close = "Connection: close\r\n" if way in NGINX_WAYS else ""  # the last that it is asked for
        h.write(data + f"GET {mark} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n".encode(), quiet=len(data) > 2000)
        what = f"{way}: {data[:100]!r}"
        if way == "later" and later == "hidden":
            t.pump(lambda: h.eof or b"\r\n\r\n" in h.inbuf, "any end of it")
            continue
        if way in NGINX_WAYS:
            statuses = [int(s) for s in re.findall(rb"^HTTP/1\.1 (\d{3})", h.read_all(), re.M) if s != b"100"]
            marks.append((mark, statuses, what))
            # nginx closes without a word at a body that it cannot follow
            ok(not statuses or 400 <= statuses[0] < 600 or statuses[0] in proxied, f"{what} got {statuses}")
            continue
        r = h.response()
        rest = h.read_all()
        if way == "later" and later:  # libmicrohttpd writes the head of a refusal of its own twice
            ok(r.status in later and b"HTTP/1." not in rest, f"{what} got {r}, and {rest!r}")
        else:
            eq(r.status, status, what)
            eq((r["Connection"], r["Content-Type"]), ("close", "application/problem+json"), what)
            eq(r.json["status"], status, what)
            ok(r["Date"], f"{what}: no Date")
            eq(rest, b"", f"{what}: behind the answer")
        ok(not h.was_cut, "close_notify")
        marks.append((mark, [r.status], what))
    last = f"/n{next(_numbers)}n"
    t.get(ferry.url(last))
    ferry.log_expect(f"GET {last}")
    for mark, statuses, what in marks:
        ok(len(statuses) == 2 or not ferry.log_has(f"GET {mark}"), f"{what}: Ferry took what was behind it for a request")
