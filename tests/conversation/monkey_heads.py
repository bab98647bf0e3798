"""Random requests from pieces that parsers read differently, by every way in, against a strict reader of RFC 9112 in this file: what it
refuses is refused, what it accepts is answered, and the request behind it is seen exactly where it sees one. MONKEY_SEED, MONKEY_SECONDS."""
import random
import time

from talk import *
from talk.external import secret_file, signed
from talk.slots import slot

TIME_LIMIT = 900
MARK = b"GET /%b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
TOKEN = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+"


def strict(data):
    """The first request: its method, its address, its length, and whether it is the last. None: it is no request."""
    head, blank, rest = data.partition(b"\r\n\r\n")
    if head.startswith(b"\r\n"):  # one empty line before a request is passed over
        head, blank, rest = data[2:].partition(b"\r\n\r\n")
    whole = len(data) - len(rest)
    if not blank or re.search(rb"[^\t\r\n\x20-\x7e\x80-\xff]|\r(?!\n)|(?<!\r)\n", head):
        return None
    first, *lines = head.split(b"\r\n")
    line = re.fullmatch(rb"(%s) ([\x21-\x7e]+) HTTP/1\.([01])" % TOKEN, first)
    fields = [re.fullmatch(rb"(%s):[ \t]*(.*?)[ \t]*" % TOKEN, text, re.S) for text in lines]
    if not line or len(line[1]) > 32 or not all(fields):
        return None
    if any(re.match(rb"(?i:content-length|transfer-encoding):.*[ \t]$", text) for text in lines):
        return None  # as doc/HTTP.md says
    hosts, lengths, codings, options = ([f[2] for f in fields if f[1].lower() == name] for name in
                                        (b"host", b"content-length", b"transfer-encoding", b"connection"))
    if len(hosts) != 1 or not re.fullmatch(rb"[A-Za-z0-9._~:\[\]-]+", hosts[0]) or len(lengths) + len(codings) > 1:
        return None
    if lengths and not re.fullmatch(rb"\d{1,18}", lengths[0]) or codings and (codings[0].lower() != b"chunked" or line[3] == b"0"):
        return None
    if codings and not chunked(rest):
        return None
    words = b",".join(options).lower().replace(b" ", b"").split(b",")
    last = b"close" in words or line[3] == b"0" and b"keep-alive" not in words
    return line[1], line[2], whole + (int(lengths[0]) if lengths else chunked(rest) if codings else 0), last


def requests(data):
    """All of them in a stream, and whether something that is none follows."""
    found = []
    while data:
        r = strict(data)
        if r is None:
            return found, True
        found.append(r[:2])
        if r[3]:
            break
        data = data[r[2]:]
    return found, False


def chunked(data):
    """Bytes of a chunked body; 0: it is none."""
    at = 0
    while m := re.compile(rb"([0-9a-fA-F]{1,15})(?:;[^\r\n\0]{0,400})?\r\n").match(data, at):
        at, size = m.end(), int(m[1], 16)
        if size == 0:
            return at + 2 if data[at:at + 2] == b"\r\n" else 0
        if data[at + size:at + size + 2] != b"\r\n":
            return 0
        at += size + 2
    return 0


class Pieces:
    def __init__(self, rng, slots):
        self.rng, self.slots, self.number = rng, slots, 0

    def one(self, *usual, odd=(), chance=0.1):
        return self.rng.choice(odd) if odd and self.rng.random() < chance else self.rng.choice(usual)

    def field(self):
        name = self.one(b"A", b"Content-Length", b"Transfer-Encoding", b"Connection", b"Host", b"Expect", b"Upgrade", b"Cookie",
                        odd=(b"Content-Length ", b" Content-Length", b"Content-length\0", b"", b"Transfer-Encoding\t", b"Transfer_Encoding", b"A B", b"\xa0A"))
        value = {
            b"Content-Length": lambda: self.one(b"0", b"5", b"38", odd=(
                b"5,5", b"+5", b"0x5", b"-0", b"5 ", b"05", b"18446744073709551621", b"5\x0b", b"", b"5;", b"1e1"), chance=0.3),
            b"Transfer-Encoding": lambda: self.one(b"chunked", odd=(
                b"Chunked", b"chunked, chunked", b"identity", b"x", b"chunked\x0b", b"chunke", b"", b"\r\n chunked", b"chunked\r\n ,x"), chance=0.4),
            b"Connection": lambda: self.one(b"keep-alive", b"TE, x", odd=(b"Content-Length", b"Transfer-Encoding", b"upgrade", b"Host")),
            b"Host": lambda: self.one(b"localhost", odd=(b"localhost\tx", b"a@localhost", b"localhost/", b"", b"localhost:1")),
            b"Expect": lambda: b"200-maybe",  # 100-continue without a body: libmicrohttpd forgets what came with it
            b"Upgrade": lambda: self.one(b"h2c", b"websocket"),
        }.get(name, lambda: self.one(b"b", b"a=b; c=d", odd=(b"b\0c", b"b\rc", b"b\r\n c", b"b\nContent-Length: 38", b"\x7f", b"\x01", b"\xff\xfe")))()
        return name + self.one(b": ", b":", b":\t", odd=(b" :", b"", b"::"), chance=0.05) + value + self.one(b"\r\n", odd=(b"\n", b"\r", b"\r\r\n", b" \r\n"), chance=0.06)

    def body(self):
        inner = self.one(b"hello", MARK % (b"i%di" % self.number), b"0\r\n\r\n")
        return self.one(b"", inner, b"%x\r\n%s\r\n0\r\n\r\n" % (len(inner), inner), b"0\r\n\r\n", odd=(
            b"%x;a=b\r\n%s\r\n000\r\n\r\n" % (len(inner), inner), b"5\r\nhello\r\n0\r\n\r", b"05 \r\nhello\r\n0\r\n\r\n", b"fffffffffffffffff\r\nhello\r\n0\r\n\r\n",
            b"5\nhello\n0\n\n", b"0x5\r\nhello\r\n0\r\n\r\n", b"5\r\nhello0\r\n\r\n", b"-1\r\n"), chance=0.4)

    def request(self, number):
        self.number = number
        body = self.body()
        if self.rng.random() < 0.15:
            return b"PUT /upload/%b HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%b" % (
                signed(f"m{number}/x", len(body)).encode(), len(body), body)
        if self.rng.random() < 0.15:
            head = b"PUT %b HTTP/1.1\r\nHost: localhost\r\nUpload-Complete: ?0\r\nTransfer-Encoding: chunked\r\n\r\n" % self.rng.choice(self.slots).put_path.encode()
            return head + b"".join(b"%x%b\r\n%b\r\n" % (len(part), self.one(b"", b";a=b"), part) for part in (body, body[:3]) if part) + b"0\r\n\r\n"
        method = self.one(b"GET", b"GET", b"POST", b"PUT", b"HEAD", b"DELETE", b"OPTIONS", b"PATCH", odd=(b"get", b"G:T", b"", b"\x80", b"GET\r", b"TRACE"))
        target = self.one(b"/livez", b"/u/x/y", b"/f/x/y", b"*", odd=(b"/ livez", b"/livez\t", b"http://localhost/livez", b"//x", b"", b"/\xff", b"/#", b"/livez\0"))
        version = self.one(b"HTTP/1.1", odd=(b"HTTP/1.0", b"HTTP/1.2", b"HTTP/2.0", b"http/1.1", b"HTTP/1.1 ", b"HTTP/1.1\t", b"HTTP/01.1", b""), chance=0.06)
        host = self.one(b"Host: localhost\r\n", odd=(b"", b"Host: localhost\r\nHost: localhost\r\n", b"host:localhost\r\n"), chance=0.1)
        head = method + b" " + target + b" " + version + self.one(b"\r\n", odd=(b"\n", b"\r\n ", b"\r\n\r\n"), chance=0.03) + host
        return head + b"".join(self.field() for _ in range(self.rng.choice([0, 0, 1, 1, 2, 3]))) + self.one(b"\r\n", odd=(b"\n", b"\r\n\r\n", b""), chance=0.04) + body


def run(t):
    seed = t.seed()
    ferry = t.ferry(ways=True, conf={"limits.head": "1s", "limits.stall": "1s", "external.secret_file": secret_file(t)})
    rng = random.Random(seed)
    pieces = Pieces(rng, [slot(t, ferry, "a.bin", 100_000) for _ in range(8)])
    end, number, counts = time.monotonic() + t.seconds(10), 0, [0, 0]
    while time.monotonic() < end:
        batch = []
        for _ in range(30):
            number += 1
            data, way = pieces.request(number) + MARK % (b"n%dn" % number), rng.choice(HTTP_WAYS)
            h = t.http(ferry, way=way)
            h.write(data, quiet=True)
            batch.append((h, way, data, number))
        for h, way, data, n in batch:
            got = h.read_all()
            h.close()
            statuses = re.findall(rb"HTTP/1\.1 ([2-5]\d\d) ", got)
            what = f"{way}: {data!r} got {statuses}; MONKEY_SEED={seed}"
            found, refused = requests(data)
            counts[refused] += 1
            seen = [word for word in (f"n{n}n", f"i{n}i") if ferry.log_has(rf"http GET /{word} ")]
            if way in NGINX_WAYS:
                ok(len(seen) <= max(0, len(statuses) - 1), f"{what}: nginx asked for less than {seen}")
            elif way in TLS_WAYS or not refused or (way == "first" and not found):  # elsewhere libmicrohttpd reads, and is laxer
                for word in seen:
                    ok((b"GET", f"/{word}".encode()) in found, f"{what}: {word} is no request")
                ok(len(statuses) <= len(found) + refused, f"{what}: more answers than requests: {found}")
                ended = b"Connection: close" in got[got.rfind(b"HTTP/1.1 "):] and (refused or statuses[-1] != b"408")
                taken = data.startswith((b"PUT /upload/", b"PUT /u/")) and not data.startswith(b"PUT /u/x")
                ok(not taken or statuses[:1] in ([b"201"], [b"409"], [b"503"]), f"{what}: a whole body")
                ok(len(statuses) == len(found) + refused or ended or (refused and not statuses and not 32 <= data[0] < 127), f"{what}: a request without an answer: {found}")
    t.say(f"followed, refused: {counts}")
    ok(min(counts) > 10, f"{counts}")
