"""Kills at random under load, with a journal that is written after each acknowledgement."""
import os
import random
import threading
import time

import talk
from dice import payload, rng
from machine import Machine
from talk import Failure, eq
from walk import check_in_band, go_on_all


class Load(threading.Thread):
    """A client that uploads and removes until it is told to stop, and writes down what was acknowledged, durably."""

    def __init__(self, m, journal, slots, parts):
        super().__init__(daemon=True)
        self.m, self.journal, self.slots, self.parts, self.stop = m, journal, slots, parts, False
        self.rng = random.Random(rng.random())

    def note(self, line):
        with open(self.journal, "a", encoding="utf-8") as f:
            f.write(line + "\n")
            f.flush()
            os.fsync(f.fileno())

    def run(self):
        while self.slots and not self.stop:
            if self.rng.random() < 0.3 and self.parts:
                part = self.parts.pop()
                while part.told < len(part.data):
                    status = self.m.piece(part, min(len(part.data), part.told + self.rng.randrange(1, 90_000)))
                    if status is None:
                        return
                    if status not in (201, 204):
                        break
                continue
            slot, data = self.slots.pop()
            status, body = self.m.request("PUT", slot[0], data, timeout=5)
            if status == 201:
                self.note(f"stored {slot[1]} {talk.sha256(data)}")
            elif status is None:
                return


def random_kills(t, seconds):
    m = Machine(t, users=("alice", "bob"), conf={"slots.checkpoint": "64K"})
    m.in_band, m.in_band_doubt = [], []
    m.up()
    journal = os.path.join(t.folder, "journal")
    open(journal, "w", encoding="utf-8").close()
    end, rounds = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        rounds += 1
        loads = []
        for _ in range(3):
            slots = []
            for _ in range(12):
                data = payload(rng.choice((10, 3000, 70_000, 400_000)))
                slots.append((m.slot("l.bin", len(data)), data))
            parts = [m.part("l.bin", payload(rng.choice((50_000, 400_000)))) for _ in range(4)]
            loads.append(Load(m, journal, slots, parts))
        alice = t.xmpp(m.ferry, "alice")
        victim = m.ferry.child
        timer = threading.Timer(rng.uniform(0.02, 0.6), victim.kill)
        for load in loads:
            load.start()
        timer.start()
        data = None
        try:
            while True:
                data = payload(rng.choice((500, 40_000)))
                alice.send_file("bob@localhost", "i.bin", data)
                m.in_band.append(data)
                data = None
        except Failure:
            if data is not None:
                m.in_band_doubt.append(data)
        m.wait_dead()
        timer.join()
        alice.close()
        for load in loads:
            load.stop = True
            load.join(10)
        m.up()
        check_in_band(m, m.verify_restarted())
        with open(journal, encoding="utf-8") as f:
            lines = [line.split() for line in f]
        for _word, path, digest in lines[-60:]:
            status, body = m.request("GET", path)
            eq((status, talk.sha256(body)), (200, digest), f"acknowledged {path}")
        for part in list(m.parts.values()):
            if rng.random() < 0.5:
                m.go_on(part)
            else:
                m.stands(part)
    go_on_all(m)
    bob = t.xmpp(m.ferry, "bob")  # back at last: he is told of every file, once or twice
    links = set()
    files = {row["url"] for row in m.ferry.ctl("ls", "--json").objects if row["took"] == "si"}
    while links < files:
        links.add(talk.take_link(bob, "alice@localhost")[0])
    m.wait(lambda: not [row for row in m.ferry.ctl("ls", "--json").objects if row["took"] in ("si", "jingle") and row["told"] == "waiting"],
           "all to be told")
    bob.close()
    m.down()
    return f"{rounds} kills, {len(lines)} uploads and {len(m.in_band)} offers acknowledged, none lost"
