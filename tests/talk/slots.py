"""Slots and stored files for HTTP conversations, made with ferryctl (no XMPP needed)."""
import time
from urllib.parse import urlsplit

from .core import Failure, eq


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


def drip(t, wires, until, what, every=0.1, limit=10, data=b"a"):
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
