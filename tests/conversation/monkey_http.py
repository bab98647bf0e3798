"""Whatever clients send over HTTP and HTTPS, cut anywhere: the daemon lives, every upload that was answered as stored is there whole,
nothing else is listed as stored, and it stops cleanly; also when it is told to read its configuration meanwhile, and when it is killed.
`make monkey` plays longer."""
import os
import random
import signal
import time
from urllib.parse import urlsplit

from talk import *
from talk.external import jwt, secret_file, signed, signed2
from talk.slots import PART, drip, slot

TIME_LIMIT = 900
SIZES = (0, 1, 1000, 100_000, 300_000)


class File:
    """Somewhere to upload to: the same byte all over, so that a part of it fits at any offset."""

    def __init__(self, i, put, get, headers=None):
        self.put, self.get, self.headers = put, get, headers or {}
        self.size = SIZES[i % len(SIZES)]
        self.data = bytes([65 + i % 26]) * self.size


def files(t, ferry):
    """Slots of ours, and those that another server grants."""
    for i in range(20):
        s = slot(t, ferry, f"f{i}.txt", SIZES[i % len(SIZES)])
        yield File(i, s.put_path, s.get_path)
    for i in range(15):
        size, path = SIZES[i % len(SIZES)], f"monkey{i}/{i}.txt"
        address, headers = ((signed(path, size), {}), (signed2(path, size, "text/plain"), {"Content-Type": "text/plain"}),
                            (path, jwt(path, size)))[i // 5]
        yield File(i, f"/upload/{address}", f"/upload/{path}", headers)


class Monkey:
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng, self.wires, self.silent = t, ferry, rng, [], []
        self.files, self.lives = list(files(t, ferry)), 1
        out = [ferry.ctl("slot", "once.txt", "1000", "--once").dict for _ in range(3)]
        self.once = [File(2, urlsplit(o["put"]).path, urlsplit(o["get"]).path) for o in out]
        self.stored = set()  # the paths of files that an answer said are there
        self.offsets = [0, 1, 500, 1000, 65536, 100_000]

    # --- wires ---------------------------------------------------------------------------------------------
    def wire(self):
        self.wires = [w for w in self.wires if w.open and not w.eof]
        if len(self.wires) < 16 and self.rng.random() < 0.5 or not self.wires:
            where = self.rng.choice(["http"] * 4 + ["https"] * 4 + ["admin"])
            w = self.t.dial(*self.ferry.address(where), name="m")
            w.quiet = True
            if where == "https" and self.rng.random() < 0.9:  # else HTTP where TLS is spoken
                w.start_tls()
            self.wires.append(w)
            return w
        return self.rng.choice(self.wires)

    def look(self, w):
        """Takes what an answer tells."""
        for head in re.findall(rb"HTTP/1\.1 20[14] .*?\r\n\r\n", w.inbuf, re.S):
            place, done = re.search(rb"\r\nLocation: (/\S+)", head), b"\r\nFerry-Delete: " in head
            if place and done:
                self.stored.add(place[1].decode())
        self.offsets = (self.offsets[:6] + [int(n) for n in re.findall(rb"\r\nUpload-Offset: (\d{1,9})\r", w.inbuf)] + self.offsets[6:])[:40]
        w.inbuf = w.inbuf[-2000:]

    # --- what is sent: the bytes, and whether more is waited for ------------------------------------------------
    def path(self):
        f = self.rng.choice(self.files)
        return self.rng.choice([f.get, f.get, "/d" + f.get[2:], f.put, f.put, "/", "/livez", "/readyz", "/w/ferry.css", "/admin/", "/api/v1/commands",
                                "/f/" + "A" * 38 + "/x", "/f/%00/x", "/f/../x", "*", "/" + "x" * 9000, f.put + "?v=x", "/upload/monkey0/other"])

    def request(self):
        method = self.rng.choice(["GET", "GET", "GET", "HEAD", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "BREW", "PATCH"])
        lines = [f"{method} {self.path()} HTTP/1.1", "Host: localhost"]
        for odd in ("Range: bytes=0-0", "Range: bytes=5-", "Range: bytes=-3,9-1", "Accept: text/html", "Connection: close", "Content-Length: 3",
                    "Transfer-Encoding: chunked", "If-None-Match: *", "Expect: 100-continue", "X: " + "y" * 5000, "Authorization: Bearer abc",
                    "Cookie: lang=zh; ferry=1", "Host: localhost", "Sec-Fetch-Mode: navigate", "Tus-Resumable: 1.0.0", "Ferry-Expires: 1h",
                    "Sec-Purpose: prefetch", "Origin: https://evil.example", "X-Forwarded-For: 1.2.3.4"):
            if self.rng.random() < 0.08:
                lines.append(odd)
        return ("\r\n".join(lines) + "\r\n\r\n").encode() * self.rng.choice([1, 1, 1, 3]), False

    def post(self):
        """To a file: the button of a one-time link, the owner's wishes, a form."""
        f = self.rng.choice(self.files + self.once)
        body = self.rng.choice([b"", b"expires=1h", b"expires=" + b"9" * 500, b"x" * 5000])
        return self.head("POST", f.get, {"Sec-Fetch-Site": self.rng.choice(["same-origin", "cross-site"]), "Content-Length": len(body)}) + body, False

    @staticmethod
    def head(method, path, headers):
        return (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n").encode()

    def put(self):
        f = self.rng.choice(self.files + self.once[:1])
        cut = self.rng.choice([None, None, 0, 1, f.size // 2])
        headers = {**f.headers, "Content-Length": f.size}
        if self.rng.random() < 0.2:
            headers["Expect"] = "100-continue"
        if self.rng.random() < 0.1:
            headers["Repr-Digest"] = "sha-256=:" + "A" * 43 + "=:"
        return self.head("PUT", f.put, headers) + f.data[:cut], cut is not None and cut < f.size

    def part(self):
        """A part of an upload that goes on, in any of its dialects, at an offset that may be right."""
        f = self.rng.choice(self.files[:20])
        at = min(self.rng.choice(self.offsets), f.size)
        data = f.data[at:at + self.rng.choice([0, 1, 500, 50_000, 300_000])]
        if at + len(data) == f.size and self.rng.random() < 0.1:
            data += f.data[:1]  # a byte too many
        complete = "?1" if at + len(data) == f.size else self.rng.choice(["?0", "?0", "?0", "?1", "x"])
        method, headers = self.rng.choice([
            ("PATCH", {"Content-Type": PART, "Upload-Offset": at, "Upload-Complete": complete}),
            ("PATCH", {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream", "Upload-Offset": at}),
            ("POST", {"Tus-Resumable": "1.0.0", "X-HTTP-Method-Override": "PATCH", "Content-Type": "application/offset+octet-stream", "Upload-Offset": at}),
            ("PUT", {"Upload-Complete": complete, "Upload-Draft-Interop-Version": "8"}),
            ("PUT", {"Content-Range": f"bytes {at}-{max(f.size - 1, 0)}/{f.size}"})])
        if self.rng.random() < 0.3:
            headers["Transfer-Encoding"] = "chunked"
            size = self.rng.choice([len(data) or 1, 7000])
            body = b"".join(b"%x\r\n%s\r\n" % (len(data[i:i + size]), data[i:i + size]) for i in range(0, len(data), size)) + b"0\r\n\r\n"
            cut = self.rng.random() < 0.2
            body = body[:len(body) // 2] if cut else body
        else:
            headers["Content-Length"] = len(data)
            cut = self.rng.random() < 0.2 and data
            body = data[:len(data) // 2] if cut else data
        return self.head(method, f.put, headers) + body, bool(cut)

    def cancel(self):
        f = self.rng.choice(self.files[:4])
        return self.head("DELETE", f.put, {}), False

    def bend(self, data):
        """Another byte somewhere in the head. The bytes of a file stay what they are."""
        at = self.rng.randrange(data.find(b"\r\n\r\n") + 4)
        return data[:at] + bytes([self.rng.choice([0, 9, 10, 13, 32, 58, 37, 48, 57, 127, 255])]) + data[at + self.rng.choice([0, 1, 2]):]

    def kill_helper(self):
        """The one that looks at files: a new process is made, which holds every descriptor for a moment."""
        pids = re.findall(r"sniff helper started pid=(\d+)", "\n".join(self.ferry.log))
        try:
            with open(f"/proc/{pids[-1]}/stat", encoding="ascii") as f:
                if int(f.read().rsplit(")", 1)[1].split()[1]) == self.ferry.pid:
                    os.kill(int(pids[-1]), signal.SIGKILL)
        except (OSError, IndexError):
            pass

    def kill(self):
        for w in self.wires:
            self.look(w)
            w.close()
        self.wires, self.silent = [], []
        self.ferry.restart(kill=True)
        self.lives += 1

    def act(self):
        if self.rng.random() < 0.02:
            self.kill_helper()
        elif self.rng.random() < 0.005:
            self.ferry.reload(None)
        w = self.wire()
        data, cut = self.rng.choice([self.put] * 4 + [self.request] * 4 + [self.part] * 5 + [self.post, self.cancel])()
        if self.rng.random() < 0.1:
            data, cut = data[:self.rng.randrange(len(data))], True
        elif self.rng.random() < 0.05:
            data, cut = self.bend(data), True
        try:
            w.write(data, quiet=True, limit=0.2)
        except Failure:
            w.close()
        self.look(w)
        chance = self.rng.random()
        if chance < 0.1 and w.open:
            self.rng.choice([w.close, w.abort, w.shut])()
        elif cut and w in self.wires:  # what came behind would be taken for the rest
            self.wires.remove(w)
            self.silent = [w] + self.silent[:30]
        self.t.turn(0.002)


def run(t):
    seed = t.seed()
    ferry = t.ferry(https=True, conf={"limits.head": "1s", "limits.stall": "1s", "log.level": "info", "limits.per_address": "0",
                                      "external.secret_file": secret_file(t)})
    m = Monkey(t, ferry, random.Random(seed))
    end, lock = time.monotonic() + t.seconds(8), None
    while time.monotonic() < end:
        for _ in range(100):
            m.act()
        ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
        if lock is not None:
            lock.close()
            lock = None
        elif m.rng.random() < 0.05:
            m.kill()
        elif m.rng.random() < 0.2:
            lock = ferry.hold_index()
    if lock is not None:
        lock.close()
    for w in m.wires + m.silent:
        w.close()
    drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to end", limit=30)  # but for ours
    done = 0
    for f in m.files:
        r = t.get(ferry.url(f.get))
        ok(r.status in (200, 404, 410), f"{r.status} for {f.get}; MONKEY_SEED={seed}")
        ok(r.status == 200 or f.get not in m.stored, f"{f.get} was answered as stored, and is not there; MONKEY_SEED={seed}")
        if r.status == 200:
            done += 1
            ok(r.body == f.data, f"{f.get} has other bytes than were put; MONKEY_SEED={seed}")
    once = sum(t.head(ferry.url(f.get)).status == 200 for f in m.once)
    t.say(f"lives {m.lives}, told stored {len(m.stored)}, there {done}, requests {sum('http ' in line for line in ferry.log)}")
    states = [row["state"] for row in ferry.ctl("--json", "ls").objects]
    eq(states.count("stored"), done + once, f"MONKEY_SEED={seed}")
    ferry.ctl("fsck")  # files, rows and quotas agree
