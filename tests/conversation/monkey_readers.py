"""Files come in slowly, are read in pieces, slowly and meanwhile, are removed and given other times, while the daemon takes a new
configuration, stops and is killed: every byte that a reader gets is the right one, and what was answered as stored is there until it is removed.
MONKEY_SEED, MONKEY_SECONDS, MONKEY_LIVES."""
import os
import random
import signal
import time
from urllib.parse import urlsplit

from talk import *
from talk.slots import PART, drip

TIME_LIMIT = 900
SIZES = (0, 1, 5000, 40_000, 1_500_000)
LIVES = float(os.environ.get("MONKEY_LIVES", "0.004"))  # how often a life ends


def asked(value, size):
    """RFC 9110 14.1.2 and 14.2 for one range: (first, last), None for all of it, False for none."""
    first, last = value.removeprefix("bytes=").split("-")
    if first and last and int(last) < int(first):
        return None
    if not first:
        return False if not int(last) else (max(0, size - int(last)), size - 1) if size else None
    return (int(first), min(int(last), size - 1) if last else size - 1) if int(first) < size else False


class Film:
    def __init__(self, ferry, rng, i, once=False):
        self.size = SIZES[i % len(SIZES)]
        self.data, self.once = rng.randbytes(self.size), once
        out = ferry.ctl("slot", f"film{i}.bin", str(self.size)).dict
        self.put, self.get = urlsplit(out["put"]).path, urlsplit(out["get"]).path
        self.id = self.get.split("/")[2]
        self.token, self.etag, self.stored, self.removed, self.sender = None, None, False, False, None


class Sender:
    """Brings a film, piece by piece: from its beginning, or from where the daemon says it stands."""

    def __init__(self, m, film):
        self.m, self.film, self.at, self.state = m, film, 0, "ask"
        self.w = m.dial()
        film.sender = self
        self.w.write(m.head("HEAD", film.put, {}), quiet=True)

    def step(self):
        f, w = self.film, self.w
        if self.state == "ask":
            r = self.m.answer(w, "HEAD")
            if r and r.status == 204 and r["Upload-Offset"]:
                self.at = int(r["Upload-Offset"])
                ok(0 <= self.at <= f.size, f"offset {self.at} of {f.size}")
                begins = {"Content-Type": PART, "Upload-Offset": self.at, "Upload-Complete": "?1"}
                plain = self.at == 0 and self.m.rng.random() < 0.5
                w.write(self.m.head("PUT" if plain else "PATCH", f.put, {"Content-Length": f.size - self.at, **({} if plain else begins)}), quiet=True)
                self.state = "send"
            elif r:
                self.end()
        elif self.state == "send":
            n = self.m.rng.choice((1, 700, 20_000, 300_000))
            if not w.write(f.data[self.at:self.at + n], quiet=True, limit=5):
                return self.end()
            self.at += n
            if self.at >= f.size:
                self.state = "wait"
            elif self.m.rng.random() < 0.03:
                self.m.rng.choice((w.close, w.abort))()
        else:
            r = self.m.answer(w, "PUT")
            if r and r.status in (200, 201, 204) and r["Ferry-Delete"]:
                f.stored, f.token = True, r["Ferry-Delete"]
            if r:
                self.end()
        if w.eof or not w.open:
            self.end()

    def end(self):
        self.film.sender = None
        self.w.close()
        if self in self.m.senders:
            self.m.senders.remove(self)


class Reader:
    """One GET or HEAD, and what its answer may be by what was known when it was asked."""

    def __init__(self, m, film):
        rng = m.rng
        self.m, self.film, self.w = m, film, m.dial(rcvbuf=rng.choice((None, 4096)))
        self.w.quiet = True
        self.stored, self.lives, self.head, self.got = film.stored, m.lives, None, 0
        self.method = rng.choice(("GET", "GET", "GET", "HEAD"))
        a, b = sorted(rng.randrange(film.size + 2) for _ in range(2))
        self.range = rng.choice((None, None, f"bytes={a}-{b}", f"bytes={a}-", f"bytes=-{b}", f"bytes={b}-{a}"))
        headers = {"Range": self.range} if self.range else {}
        if film.etag and rng.random() < 0.3:
            headers["If-Range"] = rng.choice((film.etag, "W/" + film.etag, '"other"'))
            if headers["If-Range"] != film.etag:
                self.range = None
        self.w.write(m.head(self.method, rng.choice((film.get, "/d" + film.get[2:])), headers), quiet=True)

    def step(self):
        w = self.w
        w.paused = self.m.rng.random() < 0.3
        if self.head is None and b"\r\n\r\n" in w.inbuf:
            raw, _, rest = bytes(w.inbuf).partition(b"\r\n\r\n")
            w.inbuf[:] = rest
            self.head = Response(raw)
            self.check_head()
        if self.head is not None:
            self.check_body()
        if w.open and self.m.rng.random() < 0.01:
            self.m.rng.choice((w.close, w.abort))()
        if w.eof and not w.paused and w.open:
            whole = self.head is not None and (self.method == "HEAD" or self.got == int(self.head["Content-Length"] or 0))
            ok(whole or not self.stored or self.m.lives != self.lives, f"cut off after {self.got} bytes of {self.film.get}: {self.head}")
        if w.eof or not w.open:
            w.close()
            self.m.readers.remove(self)

    def check_head(self):
        f, r = self.film, self.head
        why = f"{self.method} {f.get} {self.range} stored={self.stored} size={f.size}: {r}"
        if r.status in (404, 410):
            ok(f.removed or not self.stored, why)
            return
        want = asked(self.range, f.size) if self.range and self.method == "GET" else None
        if not self.stored and r["Accept-Ranges"] == "none":  # still coming in: all of it
            want = None
            ok(r["ETag"] is None, why)
        else:
            f.etag = f.etag or r["ETag"]
            ok(r["ETag"] in (f.etag, None if r.status == 416 else f.etag), why)
        eq(r.status, 200 if want is None else 206 if want else 416, why)
        self.first, last = want or (0, f.size - 1)
        if r.status == 416:
            eq(r["Content-Range"], f"bytes */{f.size}", why)
        else:
            eq(r["Content-Range"], f"bytes {self.first}-{last}/{f.size}" if want else None, why)
            eq(int(r["Content-Length"]), last + 1 - self.first, why)

    def check_body(self):
        data, self.w.inbuf[:] = bytes(self.w.inbuf), b""
        if self.head.status in (200, 206) and data:
            eq(self.method, "GET", "a body")
            at = self.first + self.got
            ok(self.film.data[at:at + len(data)] == data, f"wrong bytes from {at} of {self.film.get} {self.range}")
        self.got += len(data)
        if self.head["Content-Length"] and (self.method == "HEAD" or self.got >= int(self.head["Content-Length"])):
            ok(self.got == (0 if self.method == "HEAD" else int(self.head["Content-Length"])), "bytes behind the answer")
            self.w.close()


class Monkey:
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng, self.made, self.lives = t, ferry, rng, 0, 0
        self.films, self.senders, self.readers, self.all = [], [], [], []
        self.checked = 0
        for _ in range(10):
            self.new_film()

    def new_film(self):
        film = Film(self.ferry, self.rng, self.made)
        self.made += 1
        self.films = [film] + self.films[:9]
        self.all.append(film)

    def dial(self, rcvbuf=None):
        tls = self.rng.random() < 0.5
        w = self.t.http(self.ferry, tls=tls, name="m", rcvbuf=rcvbuf)
        w.quiet = True
        return w

    @staticmethod
    def head(method, path, headers):
        return (f"{method} {path} HTTP/1.1\r\nHost: localhost\r\n" + "".join(f"{n}: {v}\r\n" for n, v in headers.items()) + "\r\n").encode()

    @staticmethod
    def answer(w, method):
        if b"\r\n\r\n" not in w.inbuf:
            return None
        w.quiet = True
        return w.response(method)

    # --- what is done to the files and the daemon -----------------------------------------------------------
    def wishes(self):
        stored = [f for f in self.films if f.stored and not f.removed]
        if not stored:
            return
        f = self.rng.choice(stored)
        what = self.rng.choice(("extend", "expires", "rm", "delete", "delete"))
        if what == "extend":
            self.ferry.ctl("extend", f.id, self.rng.choice(("1h", "30d")))
        elif what == "expires":
            r = self.t.fetch("POST", self.ferry.url(f.get), {"Authorization": "Bearer " + f.token}, b"expires=2h")
            eq(r.status, 200, f"{r}")
        else:
            f.removed = True
            if what == "rm":
                self.ferry.ctl("rm", f.id)
            else:
                r = self.t.fetch("DELETE", self.ferry.url(f.get), {"Authorization": "Bearer " + f.token})
                eq(r.status, 204, f"{r}")
            eq(self.t.get(self.ferry.url(f.get)).status, 410)
            self.new_film()

    def reload(self):
        self.ferry.write_conf(**{"limits.requests": self.rng.choice(("0", "1000")), "limits.head": self.rng.choice(("5s", "10s")),
                                 "http.trusted_proxies": self.rng.choice(("127.0.0.9", "127.0.0.8, 127.0.0.9"))})
        self.ferry.reload("reloaded ")

    def end_life(self):
        """By a kill, or by a stop that waits for nobody, whatever all of them are at."""
        self.lives += 1
        if self.rng.random() < 0.4:
            self.ferry.kill9()
        else:
            mark = self.ferry.log_mark()
            self.ferry.signal(signal.SIGTERM)
            self.ferry.log_expect("draining", since=mark)
            self.ferry.signal(signal.SIGTERM)
            self.ferry.wait_exit(0)
        self.ferry.start()
        for one in self.senders + self.readers:
            one.w.paused = False

    def act(self):
        rng, chance = self.rng, self.rng.random()
        if chance < LIVES:
            self.end_life()
        elif chance < LIVES + 0.006:
            self.reload()
        elif chance < 0.02:
            self.wishes()
        elif chance < 0.2 and len(self.senders) < 4:
            waiting = [f for f in self.films if not f.stored and not f.sender]
            if waiting:
                self.senders.append(Sender(self, rng.choice(waiting)))
            elif rng.random() < 0.3:
                self.new_film()
        elif chance < 0.6 and len(self.readers) < 12:
            self.readers.append(Reader(self, rng.choice(self.films)))
            self.checked += 1
        for one in list(self.senders + self.readers):
            one.step()
        self.t.turn(0.002)


def run(t):
    seed = t.seed()
    ferry = t.ferry(https=True, conf={"log.level": "info", "limits.per_address": "0", "limits.stall": "60s", "http.trusted_proxies": "127.0.0.9"})
    m = Monkey(t, ferry, random.Random(seed))
    end = time.monotonic() + t.seconds(8)
    while time.monotonic() < end:
        for _ in range(50):
            m.act()
        ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
    for one in m.senders + m.readers:
        one.w.close()
    drip(t, [], lambda: "ferryd_http_connections 1\n" in ferry.ctl("metrics").out, "the connections to end", limit=30)  # but for ours
    for f in m.all:
        r = t.get(ferry.url(f.get))
        if f.removed:
            eq(r.status, 410, f.get)
        elif f.stored:
            eq((r.status, r.body == f.data), (200, True), f.get)
        else:
            ok(r.status in (200, 404) and (r.status == 404 or f.data.startswith(r.body)), f"{r.status} of {f.get}")
    t.say(f"films {len(m.all)}, stored {sum(f.stored for f in m.all)}, removed {sum(f.removed for f in m.all)}, reads {m.checked}, lives {m.lives + 1}")
    ferry.ctl("fsck")
