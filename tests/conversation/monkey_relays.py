"""Streams through our proxy with copy = on, many at once, each broken off in its own way and at its own byte by either side, with or
without his session: the daemon lives; a receiver who read to the end has the file, and every file that was stored is whole; all of
what was given away as a descriptor comes back. `make monkey` plays longer."""
import os
import random
import time

from talk import *

TIME_LIMIT = 900
ENDS = ("all", "all", "reader aborts", "reader closes", "reader leaves", "sender aborts", "sender closes", "sender leaves", "both", "half",
        "speaks", "extra", "early")


def one(t, ferry, rng, sums, i):
    """A stream that stands: a step at a time is played, until it has no more to do."""
    data = os.urandom(rng.choice([1, 1000, 65536, 70_000, 300_000, 3_000_000]))
    sums[f"{i}.bin"] = sha256(data)
    alice, bob = t.xmpp(ferry, "alice", resource=f"a{i}"), t.xmpp(ferry, "bob", resource=f"b{i}")
    reads, writes, _ = alice.relay_to(bob, data, f"{i}.bin")
    reads.quiet = writes.quiet = True
    how, at = rng.choice(ENDS), rng.randrange(len(data) + 1)
    t.say(f"{i}: {len(data)} bytes, {how} at {at}")
    reads.paused = rng.random() < 0.3
    if how == "half":
        reads.shut()
    yield
    sent = data if how in ("all", "half", "speaks", "early") else data + b"x" if how == "extra" else data[:at]
    if how == "speaks":
        reads.write(b"y")
    step = rng.choice([1000, 65536, 1 << 20]) if len(sent) < 500_000 else 1 << 20
    for k in range(0, len(sent), step):
        reads.paused = reads.paused and rng.random() < 0.9
        if reads.paused and k > 200_000:
            reads.paused = False
        writes.write(sent[k:k + step], limit=60)
        if k == 0 and how == "early":
            alice.abort()
        yield
    for who, leaves in (("reader", (reads, bob)), ("sender", (writes, alice))):
        if how.startswith(who):
            getattr(leaves[0], "close" if how.endswith("closes") else "abort")()
            if how.endswith("leaves"):
                leaves[1].abort()
    if how == "both":
        alice.abort(), bob.abort()
    yield
    if how.startswith("reader"):
        writes.write(data[at:], limit=60)
        yield
    reads.paused = False
    if how in ("all", "half", "speaks", "early", "extra"):
        eq(reads.need(len(data), limit=60), data, f"stream {i}")
    yield
    for x in (writes, reads, alice, bob):
        x.close()


def sockets(ferry):
    folder, n = f"/proc/{ferry.pid}/fd", 0
    for fd in os.listdir(folder):
        try:
            n += os.readlink(f"{folder}/{fd}").startswith("socket:")
        except FileNotFoundError:
            pass
    return n


def run(t):
    seed = t.seed()
    rng = random.Random(seed)
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.copy": "on", "limits.stall": "10s", "limits.per_address": "0", "log.level": "info",
                                                  "limits.sessions_per_user": "100", "storage.inbox_quota": "8M"})
    t.xmpp(ferry, "alice").end()
    idle, sums = sockets(ferry), {}
    end, turn = time.monotonic() + t.seconds(3), 0
    while time.monotonic() < end:
        turn += 1
        under_way = [one(t, ferry, rng, sums, f"{turn}-{i}") for i in range(12)]
        while under_way:
            streams = rng.choice(under_way)
            try:
                next(streams)
            except StopIteration:
                under_way.remove(streams)
            ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
    t.pump(lambda: sockets(ferry) <= idle + 2, f"the sockets to be closed; MONKEY_SEED={seed}", 60)
    t.pump(lambda: all(row[1] == "stored" for row in ferry.ctl("ls").rows), "copies to be dropped", 60)
    for row in ferry.ctl("ls", "--json").objects:
        eq(row["sha256"], sums[row["name"]], f"bytes of {row['name']}")
    ferry.ctl("fsck")
    t.say(", ".join(f"{what}: {sum(what in line for line in ferry.log)}" for what in (
        "goes on without", "-> stored", "relay ended", "relay failed", "relay stalled", "given up")))
