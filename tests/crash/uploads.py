"""Scenes of one party alone: uploads, removals, expiry, keys; and an offer taken in band."""
import os
import threading

from dice import payload, rng
from scene import Scene
from talk import NS, Failure, eq, ok


class Put(Scene):
    """An upload of 300 KiB; told: the status, None when the connection broke."""
    sample = 7

    def prepare(self, m):
        data = payload(300_000)
        slot = m.slot("a.bin", len(data))
        self.path = slot[1]
        return lambda: m.put(slot, data)


class Small(Put):
    """A small upload, whole with its head: its file is there before its row. What a kill leaves of it without one is put aside."""

    def prepare(self, m):
        data = payload(5000)
        slot = m.slot("s.bin", len(data))
        self.path = slot[1]
        return lambda: m.put(slot, data)


class Many(Scene):
    """Small uploads at one time, two of them of different bytes into one slot; told: 201 when each slot has its file."""
    sample = 5
    race = None

    def prepare(self, m):
        files = [(m.slot("m.bin", n), payload(n)) for n in (1, 700, 3000, 3000, 4096, 20_000)]
        slot = m.slot("r.bin", 2000)
        self.race = slot[1], payload(2000), payload(2000)

        def act():
            told = [None] * (len(files) + 2)

            def one(i, slot, data):
                told[i] = m.put(slot, data)
            racers = [(slot, data) for data in self.race[1:]]
            threads = [threading.Thread(target=one, args=(i, *f)) for i, f in enumerate(files + racers)]
            for t in threads:
                t.start()
            for t in threads:
                t.join()
            m.doubt.pop(slot[1], None)  # after() knows both
            return 201 if told[:-2] == [201] * len(files) and 201 in told[-2:] else None
        return act

    def after(self, m):
        path, *both = self.race
        status, body = m.request("GET", path)
        ok(status == 404 or (status == 200 and body in both), f"the slot of two: {status}, {len(body)} bytes")


class Pieces(Scene):
    """An upload in three pieces, 300 KiB, made durable each 32 KiB; told: the last status. What was acknowledged before the
    fault is there after it, and the upload goes on to equal bytes."""
    sample = 7
    conf = {"slots.checkpoint": "64K"}

    def prepare(self, m):
        self.part = m.part("p.bin", payload(300_000))

        def act():
            status = None
            for upto in (100_000, 210_000, 300_000):
                status = m.piece(self.part, upto)
                if status not in (201, 204):
                    break
            return status
        return act


class GoOn(Pieces):
    """The rest of an upload that broke off before a start: its part is opened and read again."""
    sample = 5

    def prepare(self, m):
        part = self.part = m.part("g.bin", payload(300_000))
        eq(m.piece(part, 150_000), 204, "the first piece")
        m.ferry.kill9()
        name = m.ferry.spool_files(f"tmp/{part.slot[1].split('/')[2]}.*")[0]
        with open(os.path.join(m.ferry.spool, name), "ab") as f:
            f.write(bytes(1000))  # never synced, never promised
        m.up()
        return lambda: m.piece(part, 300_000)


class Ibb(Scene):
    """An offer to somebody who is away, in band; told: 201 when the close was answered with a result."""
    sample = 7
    users = ("alice", "bob")

    def prepare(self, m):
        alice = m.t.xmpp(m.ferry, "alice", resource=f"r{rng.randrange(1 << 30)}")
        data = payload(60_000)

        def act():
            try:
                alice.send_file("bob@localhost", "a.bin", data)
                m.in_band.append(data)
                return 201
            except Failure as e:
                m.t.say(f"not acknowledged: {e}")
                m.in_band_doubt.append(data)
                return None if m.ferry.code is not None else 500
            finally:
                alice.close()
        return act


class Delete(Scene):
    """A removal; told: ferryctl's exit code."""
    sample = 4

    def prepare(self, m):
        path = m.store("d.bin", payload(5000))
        return lambda: m.remove(path)

    def done(self, told):
        return told == 0


class Expire(Scene):
    """A file that reaches its end; nobody is told, but row goes first and bytes after."""
    sample = 2

    def prepare(self, m):
        path = m.store("e.bin", payload(5000))
        ident = path.split("/")[2]

        def act():
            data = m.kept.pop(path)
            m.doubt[path] = data
            m.ferry.ctl("extend", ident, "1s", code=None)
            try:
                m.wait(lambda: m.ferry.code is not None or m.ferry.log_has(ident[:12] + " transfer stored -> expired")
                         and not m.ferry.spool_files(f"data/*/{ident}*"), "the file to expire", 10)
            except Failure:  # a failed call may have put it off
                return 1
            if m.ferry.code is None:
                m.doubt.pop(path)
                m.removed.add(path)
            return 0 if m.ferry.code is None else None
        return act

    def done(self, told):
        return told == 0


class Rotate(Scene):
    """A rotation of the slots' keys; told: ferryctl's exit code. Whatever became of it, the slots granted before it and after it are good."""
    sample = 4

    def prepare(self, m):
        self.granted = [(m.slot("old.bin", 1000), payload(1000))]

        def act():
            code = m.ferry.ctl("keys", "rotate", code=None).code
            if m.ferry.code is None and code == 0:
                self.granted.append((m.slot("new.bin", 2000), payload(2000)))
            return code
        return act

    def done(self, told):
        return told == 0

    def after(self, m):
        for slot, data in self.granted:
            eq(m.put(slot, data), 201, "a slot granted before")
        eq(m.ferry.ctl("keys", "rotate").code, 0, "the next rotation")
        m.verify()


class Room(Scene):
    """An upload for which another of the same user, that broke off, gives up what it kept; told: the status. Both never count at once,
    and what the broken one has lost it does not claim to have."""
    sample = 6
    conf = {"storage.user_quota": "300K"}
    users = ("alice",)
    broken = stored = None

    def prepare(self, m):
        self.after(m)
        self.broken = m.part("b.bin", payload(200_000), "--from", "alice@localhost")
        eq(m.piece(self.broken, 100_000), 204, "the first piece")
        m.ferry.kill9()  # its next piece would be waited for
        m.up()
        slot, data = m.slot("new.bin", 200_000, "--from", "alice@localhost"), payload(200_000)
        self.stored = slot[1]

        return lambda: m.put(slot, data)

    def after(self, m):
        if not self.broken:
            return
        status, headers, _ = m.ask("HEAD", self.broken.slot[0])
        eq(status, 204, "the slot of the broken one")
        stands, is_there = int(headers["Upload-Offset"]), m.request("GET", self.stored)[0] == 200
        ok(stands == 0 if is_there else stands in (0, 100_000), f"the broken one stands at {stands}")
        self.broken.told = stands  # less than was acknowledged, when the other one needed the room
        status = m.piece(self.broken, 200_000)
        eq(status, 507 if is_there else 201, "the broken one goes on")
        if is_there:
            eq(m.ferry.ctl("rm", self.stored.split("/")[2]).code, 0)
            m.kept.pop(self.stored, None)
            m.doubt.pop(self.stored, None)
            m.removed.add(self.stored)
        else:
            eq(m.remove(self.broken.slot[1]), 0)
        m.parts.pop(self.broken.slot[1].split("/")[2], None)
        self.broken = None


class Choose(Scene):
    """What users choose for themselves, by words, by a form and by the operator's hand; each answer acknowledges one. told: 201 for all."""
    users = ("alice",)
    turn = 0

    def prepare(self, m):
        self.turn += 1
        self.maybe = None  # (key, value) that was asked for and not answered
        pick = lambda *values: values[self.turn % len(values)]
        wanted = [("delivery", pick("transfer", "link")), ("mute", pick("on", "off")), ("delivery", "both"),
                  ("takeover", pick("off", "on")), ("quota", pick("5242880", "6291456"))]
        if self.turn == 1:
            self.has = {}
        alice = m.t.xmpp(m.ferry, "alice", tls=None, auth="iq-password")

        def act():
            try:
                for step, (key, value) in zip((self.say_deliver, self.say_mute, self.fill_in, self.set, self.set_quota), wanted):
                    self.maybe = key, value
                    step(m, alice, value)
                    self.has[key], self.maybe = value, None
                return 201
            except Failure as e:
                m.t.say(f"not answered: {e}")
                return None
            finally:
                alice.close()
        return act

    def say(self, alice, words):
        alice.message("upload.localhost", words)
        alice.take("message", from_="upload.localhost")

    def say_deliver(self, m, alice, value):
        self.say(alice, f"deliver {value}")

    def say_mute(self, m, alice, value):
        self.say(alice, "mute" if value == "on" else "unmute")

    def fill_in(self, m, alice, value):
        form = lambda attrs, inner="": f"<command xmlns='{NS['commands']}' node='deliver'{attrs}>{inner}</command>"
        sid = alice.iq_set(form(""), "upload.localhost").find("command")["sessionid"]
        alice.iq_set(form(f" action='complete' sessionid='{sid}'", "<x xmlns='jabber:x:data' type='submit'><field var='how'>"
                          f"<value>{value}</value></field></x>"), "upload.localhost")

    def set(self, m, alice, value):
        eq(m.ferry.ctl("user", "set", "alice@localhost", "takeover", value, code=None).code, 0)

    def set_quota(self, m, alice, value):
        eq(m.ferry.ctl("user", "quota", "alice@localhost", value, code=None).code, 0)

    def after(self, m):
        shown = {r["key"]: r["value"] for r in m.ferry.ctl("user", "show", "alice@localhost", "--json").objects}
        shown["quota"] = m.ferry.ctl("user", "quota", "alice@localhost").dict.get("user_quota")
        for key, value in self.has.items():
            now = shown[key]
            ok(now == value or (key, now) == self.maybe, f"{key} is {now}, {value} was acknowledged")
            self.has[key] = now


SCENES = {"put": Put, "small": Small, "many": Many, "pieces": Pieces, "goon": GoOn, "ibb": Ibb, "delete": Delete, "expire": Expire, "rotate": Rotate, "room": Room,
          "choose": Choose}
