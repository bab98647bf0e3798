"""Scenes of files between people that change hands, or break off, in the middle: [offers] copy, and offers that go on at their offset."""
import re

from offers import BOB, Told
from talk import eq, take_notice


class Left(Told):
    """copy = on: bob's connection to our proxy breaks in the middle, and Ferry goes on."""
    conf = {"offers.copy": "on"}

    def begin(self, m):
        pass

    def play(self, m):
        target, wire, _ = self.alice.relay_to(self.bob, self.data, self.name)
        wire.write(self.data[:self.size // 2])
        target.need(self.size // 4)
        self.bob.abort()
        self.bob = None
        target.abort()
        wire.write(self.data[self.size // 2:])
        wire.close()
        take_notice(self.alice, "stored")
        self.acknowledged = True
        self.alice.sync()


class LeftInBand(Told):
    """copy = on: bob leaves in the middle of blocks."""
    conf = {"offers.copy": "on"}

    def begin(self, m):
        pass

    def play(self, m):
        alice, bob = self.alice, self.bob
        offer = alice.inband_to(bob, self.data, self.name)
        block = alice.ibb_data(offer.to, offer.sid, 0, self.data[:4096])
        bob.take("iq/{ibb}data")
        bob.abort()
        self.bob = None
        alice.answer(block, offer.to)
        alice.ibb_blocks(offer.to, offer.sid, self.data[4096:], seq=1)
        alice.ibb_close(offer.to, offer.sid)
        self.stored()


class Again(Told):
    """An offer with <range/> that breaks off with the session goes on at its offset. One that was killed goes on after the start, where
    that may be: its bytes are whole in any case."""
    conf = {"slots.checkpoint": "64K"}
    size = 200_000
    killed = None

    def begin(self, m):
        super().begin(m)
        self.more = self.killed is not None
        if self.more:
            name, data = self.killed
            self.rest_of(name, data)
            take_notice(self.alice, "stored")
            self.alice.sync()
            m.in_band.append(data)

    def act(self, m):
        self.killed = self.name, self.data
        told = super().act(m)
        if told:
            self.killed = None
        return told

    def play(self, m):
        mark = m.ferry.log_mark()
        offer = self.offer(self.name, self.data)
        self.alice.ibb_open(BOB, offer.sid)
        self.alice.ibb_blocks(BOB, offer.sid, self.data[:150_000])
        self.alice.abort()
        kept = re.compile("transfer kept .*received=150000")
        m.wait(lambda: m.ferry.code is not None or any(kept.search(line) for line in m.ferry.log[mark:]), "the part to be kept", 5)
        self.alice = self.ledger.client("alice")
        eq(self.rest_of(self.name, self.data), 150_000, "where it goes on")
        self.stored()

    def offer(self, name, data):
        offer = self.alice.offer(BOB, name, data, methods=("ibb",), range=True, hash=True)
        offer.accepted("ibb")
        return offer

    def rest_of(self, name, data):
        offer = self.offer(name, data)
        self.alice.ibb_send(BOB, offer.sid, data[offer.offset or 0:])
        return offer.offset

    def rest(self, m):
        self.wait_outbox(m, 2 if self.more else 1)


SCENES = {"left": Left, "left-in-band": LeftInBand, "again": Again}
