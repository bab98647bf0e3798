"""Slots and stored files for HTTP conversations, made with ferryctl (no XMPP needed)."""
import base64
import hashlib
import time
from urllib.parse import urlsplit

from .core import Failure, LIMIT, eq


class Slot:
    """.put and .get are URLs; .put_path and .get_path their paths; .id the transfer's id."""

    def __init__(self, t, ferry, name, size, type=None):
        out = ferry.ctl("slot", name, str(size), *(["--type", type] if type else [])).dict
        self.t, self.put, self.get = t, out["put"], out["get"]
        self.put_path, self.get_path = urlsplit(self.put).path, urlsplit(self.get).path
        self.id = self.get_path.split("/")[2]
        self.download = "/d" + self.get_path[2:]


def slot(t, ferry, name, size, type=None):
    return Slot(t, ferry, name, size, type)


def store(t, ferry, name, data, type=None, headers=None):
    """A stored file: a Slot whose .created is the 201."""
    s = Slot(t, ferry, name, len(data), type)
    s.created = t.put(s.put, data, headers or {})
    if s.created.status != 201:
        raise Failure(f"PUT of {name}: {s.created}")
    eq(s.created["Location"], s.get_path, "Location")
    s.delete_token = s.created["Ferry-Delete"]
    return s


BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate",
           "Sec-Fetch-Site": "none"}


# --- uploads that go on: the IETF draft, and tus

PART = "application/partial-upload"
TUS = {"Tus-Resumable": "1.0.0"}


def digest(data):
    """Repr-Digest of the whole file."""
    return {"Repr-Digest": f"sha-256=:{base64.b64encode(hashlib.sha256(data).digest()).decode()}:"}


def append(t, s, data, offset, complete, **headers):
    """A PATCH in the draft's words."""
    told = {"Content-Type": PART, "Upload-Offset": offset, "Upload-Complete": "?1" if complete else "?0"}
    return t.fetch("PATCH", s.put, {**told, **headers}, data)


def tus_append(t, s, data, offset, **headers):
    return t.fetch("PATCH", s.put, {**TUS, "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset, **headers}, data)


def offset(t, s):
    """Where the upload stands, by HEAD."""
    r = t.head(s.put)
    eq(r.status, 204)
    return int(r["Upload-Offset"])


def kept(t, s, least=1):
    """Waits until a broken upload's bytes are there to go on from; their number."""
    seen = []
    drip(t, [], lambda: seen.append(offset(t, s)) or seen[-1] >= least, f"{least} bytes to be kept")
    return seen[-1]


def drip(t, wires, until, what, every=0.1, limit=LIMIT, data=b"a"):
    """Writes a byte to each wire that is open, again and again, until `until()`; returns the seconds it took."""
    begun = time.monotonic()
    while not until():
        if time.monotonic() - begun > limit:
            raise Failure(f"waited {limit} s for {what}")
        for wire in wires:
            if wire.open and not wire.eof:
                wire.write(data, quiet=True)
        t.turn(every)
    return time.monotonic() - begun


def span(t, seconds):
    """Lets a measured stretch of time pass (for rates; a wait for something to happen is t.pump)."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        t.turn(end - time.monotonic())
