"""Whatever clients send over HTTP, cut anywhere: the daemon lives, every upload that was answered 201 is there whole, nothing else is
listed as stored, and it stops cleanly. MONKEY_SEED repeats a run, MONKEY_SECONDS makes it longer."""
import os
import random
import sqlite3
import time

from talk import *
from talk.slots import slot

TIME_LIMIT = 900


class Monkey:
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng, self.wires, self.silent = t, ferry, rng, [], []
        self.slots = [slot(t, ferry, f"f{i}.txt", size) for i, size in enumerate((0, 1, 1000, 100_000, 300_000) * 4)]
        self.sizes = [(0, 1, 1000, 100_000, 300_000)[i % 5] for i in range(20)]
        self.data = [bytes([65 + i]) * n for i, n in enumerate(self.sizes)]

    def wire(self):
        self.wires = [w for w in self.wires if w.open and not w.eof]
        if len(self.wires) < 12 and self.rng.random() < 0.5 or not self.wires:
            where = "admin" if self.rng.random() < 0.1 else "http"
            w = self.t.dial(*self.ferry.address(where), name="m")
            w.quiet = True
            self.wires.append(w)
            return w
        return self.rng.choice(self.wires)

    def path(self):
        s = self.rng.choice(self.slots)
        return self.rng.choice([s.get_path, s.get_path, s.download, s.put_path, "/", "/livez", "/readyz", "/w/ferry.css", "/admin/",
                                "/api/v1/commands", "/f/" + "A" * 38 + "/x", "/f/%00/x", "/f/../x", "*", "/" + "x" * 9000])

    def request(self):
        method = self.rng.choice(["GET", "GET", "GET", "HEAD", "OPTIONS", "POST", "DELETE", "TRACE", "BREW"])
        lines = [f"{method} {self.path()} HTTP/1.1", "Host: localhost"]
        for odd in ("Range: bytes=0-0", "Range: bytes=5-", "Range: bytes=-3,9-1", "Accept: text/html", "Connection: close",
                    "Content-Length: 3", "Transfer-Encoding: chunked", "If-None-Match: *", "Expect: 100-continue", "X: " + "y" * 5000,
                    "Authorization: Bearer abc", "Cookie: lang=zh; ferry=1", "Host: localhost", "Sec-Fetch-Mode: navigate"):
            if self.rng.random() < 0.08:
                lines.append(odd)
        return ("\r\n".join(lines) + "\r\n\r\n").encode() * self.rng.choice([1, 1, 1, 3])

    def put(self):
        i = self.rng.randrange(len(self.slots))
        cut = self.rng.choice([None, None, 0, 1, self.sizes[i] // 2])
        head = (f"PUT {self.slots[i].put_path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {self.sizes[i]}\r\n"
                + ("Expect: 100-continue\r\n" if self.rng.random() < 0.2 else "") + "\r\n").encode()
        return head + self.data[i][:cut], cut is not None and cut < self.sizes[i]

    def act(self):
        w = self.wire()
        data, cut = self.put() if self.rng.random() < 0.4 else (self.request(), False)
        if self.rng.random() < 0.1:
            data, cut = data[:self.rng.randrange(len(data))], True
        try:
            w.write(data, quiet=True, limit=0.2)
        except Failure:
            w.close()
        w.inbuf = w.inbuf[-100:]
        chance = self.rng.random()
        if chance < 0.1 and w.open:
            self.rng.choice([w.close, w.abort, w.shut])()
        elif cut and w in self.wires:  # what came behind would be taken for the rest
            self.wires.remove(w)
            self.silent = [w] + self.silent[:30]
        self.t.turn(0.002)


def run(t):
    seed = int(os.environ.get("MONKEY_SEED", "0")) or random.randrange(1 << 30)
    t.say(f"MONKEY_SEED={seed}")
    ferry = t.ferry(conf={"limits.head": "1s", "limits.stall": "1s", "log.level": "info", "limits.per_address": "0"})
    m = Monkey(t, ferry, random.Random(seed))
    end, lock = time.monotonic() + float(os.environ.get("MONKEY_SECONDS", "5")), None
    while time.monotonic() < end:
        for _ in range(100):
            m.act()
        ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
        if lock is not None:
            lock.close()
            lock = None
        elif m.rng.random() < 0.2:
            lock = sqlite3.connect(os.path.join(ferry.spool, "index.db"), timeout=20, isolation_level=None)
            lock.execute("BEGIN IMMEDIATE")
    if lock is not None:
        lock.close()
    for w in m.wires + m.silent:
        w.close()
    created = re.findall(r"http PUT /u status=201", "\n".join(ferry.log))
    done = 0
    for s, data in zip(m.slots, m.data):
        r = t.get(s.get)
        ok(r.status in (200, 404), f"{r.status} for {s.id}")
        if r.status == 200:
            done += 1
            ok(r.body == data, f"{s.id} has other bytes than were put")
    t.say(f"created {len(created)}, there {done}, requests {len(re.findall('http ', ' '.join(ferry.log)))}")
    ok(done >= len(created), "every 201 is there")
    states = [row["state"] for row in ferry.ctl("--json", "ls").objects]
    eq(states.count("stored"), done)
    ferry.ctl("fsck")  # files, rows and quotas agree
