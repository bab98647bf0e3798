"""Scenes of files between people: offers that Ferry takes for one who is not there or cannot take them, and stored files that it brings
to one who comes back. ledger.py says what counts as told, and what is checked.
"""
import itertools
import os
import time

from ledger import Ledger
from scene import Scene
from talk import NS, Failure, candidate, dst_addr, eq, ok, take_link, take_notice

BOB = "bob@localhost"
numbers = itertools.count(1)


def row_of(m, ident):
    return m.ferry.ctl("show", ident, "--json").objects[0]


class Told(Scene):
    """What the scenes share: alice sends, bob receives, and both may see each other. told: 201 once the file was acknowledged."""
    users = ("alice", "bob")
    delivery = "link"
    size = 40_000
    counts = 2
    ledger = None

    def prepare(self, m):
        self.after(m)
        self.name, self.data = f"{next(numbers)}.bin", os.urandom(self.size)
        self.begin(m)
        return lambda: self.act(m)

    def begin(self, m):
        """What stands before the calls that are counted."""
        self.bob = self.bob.end()

    def act(self, m):
        self.acknowledged = False
        try:
            self.play(m)
        except Failure as e:
            m.t.say(f"broken off: {e}")
            if not m.control.fired:
                raise
        (m.in_band if self.acknowledged else m.in_band_doubt).append(self.data)
        return 201 if self.acknowledged else None

    def stored(self):
        """The answer that acknowledges the file has come; then the notice, which alice has read when she hears of her ping."""
        self.acknowledged = True
        take_notice(self.alice, "stored")
        self.alice.sync()

    def rest(self, m):
        """Without a fault: what was acknowledged is written down. What stays in the outbox is for him who is away."""
        self.wait_outbox(m, 0 if self.bob else 1)

    def wait_outbox(self, m, left):
        def is_so():
            status = m.ferry.ctl("status", code=None)
            return m.ferry.code is not None or (status.code == 0 and int(status.dict["outbox"]) == left)
        m.wait(is_so, f"an outbox of {left}", 5)

    def dead(self, m):
        for x in (self.alice, self.bob):
            if x:
                x.close()
        self.ledger.dead()

    def come(self):
        """Bob is there, with the client that he has."""
        return self.ledger.client("bob")

    def after(self, m):
        """Both are there, and whatever is to be told is told."""
        is_first = not self.ledger
        self.ledger = self.ledger or Ledger(m, self.delivery)
        before = dict(self.ledger.heard)
        self.alice, self.bob = self.ledger.client("alice"), self.come()
        if is_first:
            self.alice.befriend(self.bob)
        for _ in range(sum(word == "transfer" for _, word, _ in self.ledger.owed)):
            self.take(m)
        self.wait_outbox(m, 0)
        self.alice.sync(), self.bob.sync()
        self.ledger.told_after(before)
        self.alice.queue.clear(), self.bob.queue.clear()


# --- offers that Ferry takes ---------------------------------------------------------------------------------
class Away(Told):
    """An offer to bob, who is away: SI, in band."""

    def play(self, m):
        self.alice.send_file(BOB, self.name, self.data)
        self.stored()


class AwayProxy(Told):
    """SI, by our proxy; acknowledged by the notice."""
    cut, sample = False, 2

    def play(self, m):
        offer = self.alice.offer(BOB, self.name, self.data, methods=("s5b",))
        offer.accepted("s5b")
        self.alice.proxy_send(BOB, offer.sid, self.data)
        take_notice(self.alice, "stored")
        self.acknowledged = True
        self.alice.sync()


class AwayJingle(Told):
    """Jingle, in band; acknowledged by <received/>."""
    cut, sample = False, 2

    def play(self, m):
        j = self.alice.jingle(BOB, self.name, self.data)
        j.accepted()
        self.alice.ibb_send(BOB, j.stream, self.data)
        self.received(j)

    def received(self, j):
        j.expect("session-info")
        self.acknowledged = True
        j.ended("success")
        self.stored()


class AwayJingleProxy(AwayJingle):
    """Jingle, by our proxy."""

    def play(self, m):
        alice, proxy = self.alice, self.alice.proxy_address()
        j = alice.jingle(BOB, self.name, self.data, method="s5b", candidates=candidate(*proxy, "ours", 655360, "proxy"))
        j.accepted()
        j.expect("transport-info")
        j.transport_info("<candidate-error/>")
        wire = m.t.socks(proxy[1], proxy[2], dst_addr(j.stream, alice.jid, BOB))
        eq(alice.activate(j.stream, BOB)["type"], "result")
        j.transport_info("<activated cid='ours'/>")
        wire.write(self.data, quiet=True)
        wire.close()
        self.received(j)


class AwayUnsized(AwayJingle):
    """Jingle, in band, of a file that grows."""
    cut, sample = False, 2

    def play(self, m):
        j = self.alice.jingle(BOB, self.name, self.data, size=False)
        j.accepted()
        self.alice.ibb_send(BOB, j.stream, self.data)
        self.received(j)


class Resumed(Told):
    """An offer that broke off goes on where it stopped."""
    size = 120_000
    half = 61_440
    ident = None

    def begin(self, m):
        super().begin(m)
        alice, mark = self.alice, m.ferry.log_mark()
        offer = alice.offer(BOB, self.name, self.data, methods=("ibb",), range=True, hash=True)
        offer.accepted("ibb")
        alice.ibb_open(BOB, offer.sid)
        alice.ibb_blocks(BOB, offer.sid, self.data[:self.half])
        alice.abort()
        m.ferry.log_expect(f"transfer kept .*received={self.half} ", since=mark)
        self.ident = m.ferry.spool_files("tmp/*")[0].split("/")[1].split(".")[0]
        self.alice = self.ledger.client("alice")

    def play(self, m):
        offer = self.alice.send_file(BOB, self.name, self.data, range=True, hash=True)
        at = offer.offset or 0
        ok(at == self.half or (m.control.fired and at > self.half), f"it goes on at {at}")
        self.stored()

    def after(self, m):
        super().after(m)
        if self.ident and row_of(m, self.ident)["state"] == "receiving":  # once more
            self.bob.end()
            self.play(m)
            m.in_band.append(self.data)
            super().after(m)
        self.ident = None


class Cannot(Told):
    """Bob is there, but his client cannot: it gets the link."""

    def begin(self, m):
        pass

    def play(self, m):
        offer = self.alice.offer(BOB, self.name, self.data, methods=("ibb",))
        self.answer(self.bob.expect_offer())
        offer.accepted("ibb")
        self.alice.ibb_send(BOB, offer.sid, self.data)
        self.stored()
        take_link(self.bob, "alice@localhost")
        self.bob.sync()

    def answer(self, seen):
        self.bob.send_error(seen.el, "feature-not-implemented")


class Silent(Cannot):
    """Bob is there and does not answer."""
    cut, sample = False, 2
    conf = {"offers.answer_timeout": "1s"}
    counts = 1

    def answer(self, seen):
        pass


class Reminded(Cannot):
    """A file that bob has the link of, and has not fetched a day before it expires: he is reminded at the next start."""
    offset = str(int(29.1 * 86400))

    def begin(self, m):
        self.clock(m, "0")
        super().after(m)  # the sessions went with the daemon
        super().play(m)
        m.in_band.append(self.data)
        self.wait_outbox(m, 0)

    def clock(self, m, offset):
        m.ferry.stop()
        m.ferry.env["FERRYD_TEST_WALL_OFFSET"] = offset
        m.up()

    def play(self, m):
        self.alice.end(), self.bob.end()
        self.clock(m, self.offset)
        self.bob = self.ledger.client("bob")
        take_notice(self.bob, "expiring")
        self.bob.sync()
        self.acknowledged = True


class Unread(Cannot):
    """A file that expires before bob has fetched it; told: 201 when alice knows."""
    counts = sample = 1
    ident = None

    def begin(self, m):
        super().play(m)
        self.ident = next(r["id"] for r in m.ferry.ctl("ls", "--json").objects if r["name"] == self.name)
        m.in_band_doubt.append(self.data)
        m.doubt[f"/f/{self.ident}/{self.name}"] = self.data
        self.wait_outbox(m, 0)

    def act(self, m):
        told = super().act(m)
        (m.in_band if self.acknowledged else m.in_band_doubt).remove(self.data)
        return told

    def play(self, m):
        m.ferry.ctl("extend", self.ident, "1s", code=None)
        take_notice(self.alice, "expired")
        self.alice.sync()
        self.acknowledged = True

    def after(self, m):
        if self.ident:
            row = row_of(m, self.ident)
            soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
            if row["state"] == "stored" and row["expires"] > soon:
                m.ferry.ctl("extend", self.ident, "1s")  # its end had not been put forward yet
            m.wait(lambda: row_of(m, self.ident)["state"] == "expired", "the file to expire")
            self.ledger.owed = {thing for thing in self.ledger.owed if thing[1] != "link"}  # of no use any more
        super().after(m)


# --- stored files that are brought ---------------------------------------------------------------------------
class Brought(Told):
    """A stored file, and bob comes back: he gets it as an SI transfer, in band; told: 201 when he has it, and alice knows."""
    conf = {"offers.delivery": "transfer"}
    delivery = "transfer"

    def begin(self, m):
        super().begin(m)
        self.alice.send_file(BOB, self.name, self.data)
        m.in_band.append(self.data)
        self.ident = take_notice(self.alice, "stored").find("{ferry}transfer")["id"]
        self.wait_outbox(m, 1)

    def play(self, m):
        self.bob = self.come()
        if self.delivery == "both":
            take_link(self.bob, "alice@localhost")
        self.take(m)
        self.fetched()

    def fetched(self):
        self.acknowledged = True
        take_notice(self.alice, "fetched")
        self.alice.sync()

    def take(self, m):
        """He is offered the file, and gets it."""
        self.ledger.awaits("bob", self.ident)
        seen = self.bob.expect_offer()
        eq(seen.name, self.name, "the file that is offered")
        self.bring(m, seen)

    def bring(self, m, seen):
        seen.accept("ibb")
        eq(seen.receive_ibb(), self.data, "bytes brought")  # the answer to the close acknowledges


class BroughtProxy(Brought):
    """By our proxy: his own end of the stream acknowledges."""
    cut, sample = False, 2

    def bring(self, m, seen):
        bob = self.bob
        seen.accept("s5b")
        el = bob.take("iq[@type='set']/{s5b}query")
        host = el.find("query/streamhost")
        wire = m.t.socks(host["host"], int(host["port"]), dst_addr(seen.sid, seen.sender, seen.to))
        bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{seen.sid}'><streamhost-used jid='{host['jid']}'/></query>")
        wire.quiet = True
        data = wire.read_all()
        eq(data, self.data, "bytes brought")
        self.ledger.took("bob")
        wire.close()


class BroughtLink(Brought):
    """By jabber:iq:oob: its result acknowledges."""
    cut, sample = False, 2

    def bring(self, m, seen):
        seen.decline("not-acceptable", code=406)
        asked = self.bob.take("iq[@type='set']/{iqoob}query")
        self.ledger.took("bob")
        self.bob.result(asked)


class BroughtBoth(Brought):
    """The link's message first, then in band."""
    cut, sample = False, 2
    conf = {"offers.delivery": "both"}
    delivery = "both"



class BroughtJingle(Brought):
    """By Jingle, in band: <received/> acknowledges."""
    cut, sample = False, 2
    features = ("jft5", "jibb")

    def come(self):
        bob = self.ledger.client("bob", presence=False)
        bob.able(*self.features)
        return bob

    def take(self, m):
        self.ledger.awaits("bob", self.ident, inband=False)
        seen = self.bob.expect_session()
        eq(seen.name, self.name, "the file that is offered")
        seen.accept()
        eq(self.bytes(seen), self.data, "bytes brought")
        self.ledger.took("bob")
        seen.received()
        seen.ended("success")

    def bytes(self, seen):
        return seen.bytes_in_band()


class BroughtJingleProxy(BroughtJingle):
    """By our proxy."""
    features = ("jft5", "jibb", "js5b")

    def bytes(self, seen):
        wire = seen.connect()
        data = wire.need(seen.size)
        wire.close()
        return data


SCENES = {"away": Away, "away-proxy": AwayProxy, "away-jingle": AwayJingle, "away-jingle-proxy": AwayJingleProxy,
          "away-unsized": AwayUnsized, "resumed": Resumed, "cannot": Cannot, "silent": Silent, "reminded": Reminded,
          "unread": Unread,
          "brought": Brought, "brought-proxy": BroughtProxy, "brought-link": BroughtLink, "brought-both": BroughtBoth,
          "brought-jingle": BroughtJingle, "brought-jingle-proxy": BroughtJingleProxy}
