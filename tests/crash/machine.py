"""A daemon on a machine that may fail: the plain build under the file-call shim, what it has acknowledged, and the
check that it kept all of that.

Machine.arm(...) tells the shim what to do from now on; Machine.verify() is the invariant of every row: what was
acknowledged is there with equal bytes, what was removed is gone, nothing half is listed or served, and index, files
and quotas agree.
"""
import http.client
import mmap
import os
import struct
import subprocess
import sys
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.dirname(HERE))
import talk  # noqa: E402
from talk import Failure, eq, ok  # noqa: E402

FIELDS = ["armed", "mode", "at", "error", "count", "fired", "short_writes", "interrupt", "delay_ms", "sticky", "kinds", "log",
          "power"]
COUNT, KILL, FAIL = 0, 1, 2
KINDS = ["open", "write", "fsync", "close", "rename", "unlink", "truncate", "fallocate", "mkdir", "link"]


def build_shim():
    """The shim, built where the other programs are."""
    sources = [os.path.join(HERE, name) for name in ("shim.c", "shim_open.c", "shim_power.c", "shim.h", "shim_power.h")]
    target = os.path.join(talk.BUILD, "crash", "shim.so")
    if not os.path.exists(target) or os.path.getmtime(target) < max(map(os.path.getmtime, sources)):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", f"{target}.{os.getpid()}", *sources[:3], "-ldl"], check=True)
        os.rename(f"{target}.{os.getpid()}", target)
    return target


class Control:
    """The shim's orders: control.at = 3; int(control.count)."""

    def __init__(self, path):
        with open(path, "wb") as f:
            f.write(bytes(4096))
        with open(path, "r+b") as f:
            self.__dict__["map"] = mmap.mmap(f.fileno(), 4096)

    def __getattr__(self, name):
        return struct.unpack_from("i", self.map, 4 * FIELDS.index(name))[0]

    def __setattr__(self, name, value):
        struct.pack_into("i", self.map, 4 * FIELDS.index(name), value)


class Part:
    """An upload in pieces: its slot and bytes, the offset that was acknowledged, and how much was sent."""

    def __init__(self, slot, data):
        self.slot, self.data = slot, data
        self.told = self.sent = 0


class Machine:
    def __init__(self, t, users=(), conf=None, power=False):
        self.t = t
        shim = build_shim()
        folder = t.path(f"machine{len(t.ferries)}")
        os.makedirs(os.path.join(folder, "spool"), mode=0o700)
        self.control = Control(os.path.join(folder, "control"))
        self.shim_log = os.path.join(folder, "calls")
        self.control.log = 1
        self.control.power = int(power)  # a kill is a power cut
        self.ferry = t.ferry(users, {"log.level": "info", **(conf or {})}, mode="plain", start=False, folder=folder,
                             env={"LD_PRELOAD": shim, "SHIM_CTL": os.path.join(folder, "control"),
                                  "SHIM_DIR": os.path.join(folder, "spool"), "SHIM_LOG": self.shim_log})
        self.ferry.may_fail = True
        self.kept = {}    # path -> bytes: acknowledged
        self.doubt = {}   # path -> bytes: no answer came; may be there, whole
        self.removed = set()
        self.parts = {}   # id -> Part: uploads that broke off

    # --- life and orders ----------------------------------------------------------------------------------
    def up(self):
        self.ferry.start()
        return self

    def down(self):
        if self.ferry.alive():
            self.ferry.stop()

    def arm(self, mode=COUNT, at=0, error=0, sticky=False, kinds=(), log=True):
        c = self.control
        c.armed = 0
        c.mode, c.at, c.error, c.count, c.fired, c.sticky = mode, at, error, 0, 0, int(sticky)
        c.kinds = sum(1 << KINDS.index(k) for k in kinds)
        if log:
            open(self.shim_log, "w", encoding="utf-8").close()
        c.armed = 1

    def disarm(self):
        self.control.armed = 0
        self.control.mode = COUNT
        return self.control.count

    def calls(self):
        with open(self.shim_log, encoding="utf-8", errors="replace") as f:
            return f.read().splitlines()

    def wait(self, until, what, limit=20):
        """Waits for something that no actor's wire tells: looks again and again."""
        end = time.monotonic() + limit
        while not until():
            if time.monotonic() > end:
                raise Failure(f"waited {limit} s for {what}")
            self.t.turn(0.02)

    def wait_dead(self, limit=None):
        self.t.pump(lambda: self.ferry.code is not None, "the daemon to die", limit)
        self.ferry.child = None

    # --- requests: (status, body), or (None, b"") when the daemon died under it ----------------------------
    def request(self, method, path, body=None, headers=None, timeout=20):
        status, _, body = self.ask(method, path, body, headers, timeout)
        return status, body

    def ask(self, method, path, body=None, headers=None, timeout=20):
        host, port = self.ferry.address("http")
        c = http.client.HTTPConnection(host, port, timeout=timeout)
        try:
            c.request(method, path, body=body, headers={"Host": f"localhost:{port}", **(headers or {})})
            r = c.getresponse()
            return r.status, r.headers, r.read()
        except (OSError, http.client.HTTPException):
            return None, {}, b""
        finally:
            c.close()

    def look(self, path, size):
        """All bytes, but not by one fetch of the whole, which would be one of the receiver's."""
        half, whole = size // 2, b""
        for span in (f"0-{half - 1}", f"{half}-"):
            status, body = self.request("GET", path, headers={"Range": "bytes=" + span})
            if status != 206:
                return status, body
            whole += body
        return 200, whole

    def slot(self, name, size, *words):
        r = self.ferry.ctl("slot", name, size, *words, code=None)
        if r.code == 6:  # there is no room for it
            return None
        eq(r.code, 0, r.err)
        out = r.dict
        return [urllib.parse.urlsplit(out[k]).path for k in ("put", "get")]

    def put(self, slot, data):
        """PUTs into a slot and remembers what may be relied on from now on."""
        if slot is None:
            return 507
        put, get = slot
        status, _ = self.request("PUT", put, data)
        if status == 201:
            self.kept[get] = data
            self.doubt.pop(get, None)
        elif status is None:
            self.doubt[get] = data
        return status

    # --- uploads in pieces (the IETF draft's words) ---------------------------------------------------------
    def part(self, name, data, *words):
        """An upload that begins; what becomes of it is watched from now on."""
        slot = self.slot(name, len(data), *words)
        return self.parts.setdefault(slot[1].split("/")[2], Part(slot, data))

    def piece(self, p, upto):
        """Sends what is between the acknowledged offset and `upto`; the status."""
        last = upto == len(p.data)
        p.sent = max(p.sent, upto)
        status, _ = self.request("PATCH", p.slot[0], p.data[p.told:upto],
                                 {"Content-Type": "application/partial-upload", "Upload-Offset": str(p.told),
                                  "Upload-Complete": "?1" if last else "?0"})
        if status in (201, 204):
            p.told = upto
        if status == 201:
            self.finished(p)
        return status

    def finished(self, p):
        self.kept[p.slot[1]] = p.data
        self.parts.pop(p.slot[1].split("/")[2], None)

    def stands(self, p):
        """Where an upload stands, which is checked: what was acknowledged, and no more than was sent."""
        status, headers, _ = self.ask("HEAD", p.slot[0])
        eq(status, 204, "where the upload stands")
        at = int(headers["Upload-Offset"])
        ok(p.told <= at <= p.sent, f"it stands at {at}: {p.told} were acknowledged, {p.sent} were sent")
        p.told = at
        if headers["Upload-Complete"] == "?1":
            self.finished(p)
        return at

    def go_on(self, p):
        """To the end, from wherever it stands."""
        self.stands(p)
        if p.slot[1] not in self.kept:
            eq(self.piece(p, len(p.data)), 201, "the rest of the upload")
        status, body = self.request("GET", p.slot[1])
        ok(status == 200 and body == p.data, f"the upload in pieces: {status}, {len(body)} of {len(p.data)} bytes")

    def store(self, name, data):
        slot = self.slot(name, len(data))
        eq(self.put(slot, data), 201, "PUT")
        return slot[1]

    def remove(self, path):
        r = self.ferry.ctl("rm", path.split("/")[2], code=None)
        data = self.kept.pop(path)
        if r.code == 0:
            self.removed.add(path)
        else:
            self.doubt[path] = data
        return r.code

    # --- the invariant -------------------------------------------------------------------------------------
    def verify(self, most=25):
        for path, data in list(self.kept.items())[-most:]:
            status, body = self.request("GET", path)
            eq(status, 200, f"acknowledged {path}")
            ok(body == data, f"acknowledged {path} has other bytes")
        for path, data in list(self.doubt.items())[-most:]:
            status, body = self.request("GET", path)
            ok(status in (404, 410) or (status == 200 and body == data), f"{path}: {status}, {len(body)} of {len(data)} bytes")
        for path in list(self.removed)[-most:]:
            ok(self.request("GET", path)[0] in (404, 410), f"removed {path} is served")
        rows = self.ferry.ctl("ls", "--json", "--all").objects
        for row in rows:
            ok(row["state"] in ("stored", "receiving", "expired", "removed"), f"listed as {row['state']}: {row['id']}")
        for row in [r for r in rows if r["state"] == "stored"][:most]:
            path = urllib.parse.urlsplit(row["url"]).path
            status, body = self.request("GET", path) if not row["to"] else self.look(path, row["size"])
            if status == 410 and path in self.doubt:
                continue  # it expired between the two questions
            ok(status == 200 and len(body) == row["size"], f"listed {row['id']}: {status}, {len(body)} of {row['size']} bytes")
        return rows

    def fsck(self):
        r = self.ferry.ctl("fsck", code=None)
        if r.code != 0:
            raise Failure(f"fsck exited {r.code}: {r.out}")

    def verify_restarted(self):
        """After a start that recovered: nothing unfinished is left but what may go on, and everything agrees."""
        rows = self.verify()
        offers = [row["id"] for row in rows if row["state"] == "receiving" and row["took"] in ("si", "jingle")]
        known = {*self.parts, *offers}
        strange = [f for f in self.ferry.spool_files("tmp/*") if os.path.basename(f).split(".")[0] not in known]
        eq(strange, [], "files in tmp/")
        self.fsck()
        return rows

