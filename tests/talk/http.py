"""HTTP by hand: any bytes out, every byte of the answer in."""
import json
import re
from urllib.parse import urlsplit

from .core import Failure, eq, short
from .wire import Wire, dial


class Response:
    """.status, .reason, .headers (list of pairs), .body, .raw_head; r["Content-Type"] (None if absent), r.all(name)."""

    def __init__(self, head):
        self.raw_head = head
        lines = head.decode("latin-1").split("\r\n")
        m = re.fullmatch(r"HTTP/(1\.[01]) (\d{3})(?: (.*))?", lines[0])
        if not m:
            raise Failure(f"not an HTTP status line: {lines[0]!r}")
        self.version, self.status, self.reason = m[1], int(m[2]), m[3] or ""
        self.headers = []
        for line in lines[1:]:
            if line:
                name, colon, value = line.partition(":")
                if not colon or not name or name != name.strip():
                    raise Failure(f"not a header: {line!r}")
                self.headers.append((name, value.strip()))
        self.body = b""

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def __getitem__(self, name):
        values = self.all(name)
        return values[0] if values else None

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"<{self.status} {self.reason} {short(self.text, 400)}>"


class Http(Wire):
    """A connection. Keep-alive and pipelining are what you do with it: request(), request(), response(), response()."""

    host = "localhost"

    def request(self, method, target, headers=None, body=b"", version="HTTP/1.1", length=True):
        """Writes a request; headers: a dict or list of pairs. Host is added unless given (None: left out), Content-Length for
        a body unless given or length=False."""
        pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
        names = [n.lower() for n, _ in pairs]
        if "host" not in names:
            pairs.insert(0, ("Host", self.host))
        if length and (body or method in ("PUT", "POST", "PATCH")) and not {"content-length", "transfer-encoding"} & set(names):
            pairs.append(("Content-Length", len(body)))
        head = f"{method} {target} {version}\r\n" + "".join(f"{n}: {v}\r\n" for n, v in pairs if v is not None) + "\r\n"
        self.write(head.encode("utf-8"))
        if body:
            self.write(body, quiet=len(body) > 2000)
        self.method = method
        return self

    def response(self, method=None, limit=None, interim=False):
        """Reads one answer with its body. 1xx are passed over unless interim=True."""
        quiet, self.quiet = self.quiet, False
        while True:
            r = Response(self.need_until(b"\r\n\r\n", limit)[:-4])
            if r.status >= 200 or interim:
                break
        self.quiet = quiet
        if (method or getattr(self, "method", "GET")) == "HEAD" or r.status in (204, 304) or r.status < 200:
            return r
        if (r["Transfer-Encoding"] or "").lower() == "chunked":
            while size := int(self.need_until(b"\r\n")[:-2].split(b";")[0], 16):
                r.body += self.need(size)
                eq(self.need(2), b"\r\n", "end of a chunk")
            self.need_until(b"\r\n")
        elif r["Content-Length"] is not None:
            self.quiet = int(r["Content-Length"]) > 65536
            r.body = self.need(int(r["Content-Length"]), limit)
            self.quiet = quiet
        else:
            r.body = self.read_all(limit)
        return r

    def expect_status(self, status, **options):
        r = self.response(**options)
        eq(r.status, status, f"status of {short(r)}")
        return r

    def closed(self, limit=None):
        """The server closes, with nothing more to read."""
        eq(self.read_all(limit), b"", "bytes before the close")


def open_http(t, where, tls=False, name="http", source=None, listener=None, rcvbuf=None, **options):
    """`where`: a Ferry (its http or, with tls, its https listener) or a URL. options: of start_tls."""
    if isinstance(where, str):
        url = urlsplit(where)
        host, port, tls = url.hostname, url.port or (443 if url.scheme == "https" else 80), tls or url.scheme == "https"
        wire_host = url.netloc
        host = "127.0.0.1" if host.endswith("localhost") else host
    else:
        host, port = where.address(listener or ("https" if tls else "http"))
        wire_host = urlsplit(where.conf["http.public_url"]).netloc
    wire = dial(t, name, host, port, kind=Http, source=source, rcvbuf=rcvbuf)
    wire.host = wire_host
    if tls:
        wire.start_tls(**options)
    return wire


def fetch(t, method, url, headers=None, body=b"", name="http", limit=None):
    """One request on a connection of its own."""
    wire = open_http(t, url, name=name)
    parts = urlsplit(url)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    pairs = list(headers.items() if isinstance(headers, dict) else headers or [])
    wire.request(method, target, pairs + ([] if any(n.lower() == "connection" for n, _ in pairs) else [("Connection", "close")]), body)
    r = wire.response(limit=limit)
    wire.close()
    return r
