"""In every state of a Jingle session that is Ferry's (asked, accepted, opened, claiming, flowing, storing, dialling, unreached, at the
proxy, over) its sender says whatever there is to say, one word or several: each is answered once and from the address that was asked, the
daemon lives, and nothing stays reserved. So in sessions that were a receiver's, who left or could not, and who speaks too; what passes between the
two is answered once at most. And so says the receiver of a file that Ferry brings. `make monkey` plays longer."""
import base64
import random
import time

from talk import *

TIME_LIMIT = 900
ACTIONS = ("content-accept", "content-add", "content-modify", "content-reject", "content-remove", "description-info", "security-info", "session-accept",
           "session-info", "session-initiate", "session-terminate", "transport-accept", "transport-info", "transport-reject", "transport-replace", "x", "")
REASONS = ("success", "cancel", "decline", "failed-transport", "gone", "x")
WORDS = ("candidate-used cid='ferry'", "candidate-used cid='ours'", "candidate-used", "candidate-error", "proxy-error", "activated cid='ours'", "x")
DATA = b"0123456789" * 1000


class Player:
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng = t, ferry, rng
        self.silent = t.streamhost()
        self.lock, self.x, self.bob, self.ids, self.wires = None, None, None, [], []

    def come(self):
        if self.x is None or self.x.eof or not self.x.open:
            self.x = self.t.xmpp(self.ferry, "alice")
            self.px = self.x.proxy_address()
        return self.x

    # --- states
    def session(self, method="ibb", **options):
        hash = self.rng.choice([None, None, True, sum_xml(None), sum_xml(b"x")])
        size = self.rng.choice([None, None, None, False])
        return self.x.jingle(self.to, "a.bin", DATA, method=method, **{"hash": hash, "size": size, "file_extra": self.rng.choice(["", "<range/>"]), **options})

    def hold(self):
        """Storage answers nothing that it has to write, until let_go."""
        self.lock = self.ferry.hold_index()

    def let_go(self):
        if self.lock is not None:
            self.lock.close()
        self.lock = None

    def begun(self, method="ibb", **options):
        j = self.session(method, **options)
        if j.answer()["type"] == "result":
            j.xmpp.result(j.xmpp.take("iq[@type='set']/{jingle}jingle", from_=self.to, where=lambda e: e.find("{jingle}jingle")["sid"] == j.sid))
        return j

    def asked(self):
        j = self.session()
        self.ids.append((j.uid, self.to))
        return j

    def accepted(self):
        return self.begun()

    def opened(self):
        j = self.begun()
        self.x.ibb_open(self.to, j.stream)
        return j

    def claiming(self):
        j = self.begun()
        self.hold()
        self.ids.append((self.x.ibb_open(self.to, j.stream, wait=False), self.to))
        return j

    def flowing(self):
        j = self.opened()
        self.ids.append((self.x.ibb_data(self.to, j.stream, 0, DATA[:4096]), self.to))
        return j

    def storing(self):
        j = self.begun(hash=self.rng.choice([True, sum_xml(None)]), size=None)
        self.x.ibb_open(self.to, j.stream)
        for seq in range(3):
            self.ids.append((self.x.ibb_data(self.to, j.stream, seq, DATA[seq * 4096:(seq + 1) * 4096]), self.to))
        self.ids.append((self.x.ibb_close(self.to, j.stream, wait=False), self.to))
        return j

    def dialling(self):
        return self.begun("s5b", candidates=candidate(self.x.jid, self.silent.host, self.silent.port, "theirs"))

    def unreached(self):
        j = self.begun("s5b")
        j.expect("transport-info")
        if self.rng.random() < 0.3:
            j.transport_info("<candidate-error/>")
        return j

    def seated(self):
        j = self.begun("s5b", candidates=candidate(*self.px, "ours", 5, "proxy"))
        j.expect("transport-info")
        return j

    def connect(self, key):
        w = self.t.socks(self.px[1], self.px[2], key)
        w.quiet = True
        self.wires = self.wires[-5:] + [w]
        return w

    def streaming(self):
        j = self.seated()
        w = self.connect(dst_addr(j.stream, self.x.jid, self.to))
        self.x.activate(j.stream, self.to)
        w.write(DATA[:self.rng.choice([1, 5000, len(DATA)])])
        return j

    def parked(self):
        """At Ferry's own host."""
        j = self.unreached()
        w = self.connect(dst_addr(j.stream, self.to, self.x.jid))
        if self.rng.random() < 0.5:
            w.write(DATA)
        return j

    def over(self):
        j = self.begun()
        j.terminate()
        return j

    # --- states of sessions that a receiver had
    def his(self, method, accepts=True, **options):
        if self.bob is None or self.bob.eof or not self.bob.open:
            self.bob = self.t.xmpp(self.ferry, "bob", resource="desk")
        self.x.sync()  # what was said before this session
        self.bob.sync()
        self.bob.queue.clear()
        j = self.x.jingle(self.to, "a.bin", DATA, method=method, hash=self.rng.choice([True, sum_xml(None)]), **options)
        seen = self.bob.expect_jingle()
        self.bob.result(seen.el)
        j.answer()
        if accepts:
            seen.accept()
            j.expect("session-accept")
        return j, seen

    def left(self):
        """Before a byte, with a stream that waits for his answer or not."""
        j, seen = self.his(self.rng.choice(["ibb", "s5b"]), candidates=self.rng.choice(["", candidate(*self.px, "ours", 5, "proxy")]))
        if j.method == "ibb" and self.rng.random() < 0.5:
            self.x.ibb_open(self.to, j.stream, wait=False)
            self.bob.take("iq/{ibb}open")
        if self.rng.random() < 0.3:
            j.say("transport-replace", j.wrap(transport_xml(self.rng.choice(["ibb", "s5b"]), j.stream + "2")), wait=False)
            self.bob.take("iq/{jingle}jingle[@action='transport-replace']")
        if self.rng.random() < 0.3:
            self.hold()
        self.bob.abort()
        return j

    def copied(self):
        """In the middle."""
        by = self.rng.choice(["ibb", "s5b"])
        j, seen = self.his(by, candidates=candidate(*self.px, "ours", 5, "proxy"))
        if by == "ibb":
            self.x.ibb_opened(self.bob, self.to, j.stream)
            self.x.ibb_data(self.to, j.stream, 0, DATA[:4096])
            self.bob.take("iq/{ibb}data")
        else:
            key = dst_addr(j.stream, self.x.jid, self.to)
            reads, writes = self.connect(key), self.connect(key)
            self.x.activate(j.stream, self.to)
            writes.write(DATA[:5000])
            reads.need(1)
            if self.rng.random() < 0.7:
                reads.abort()
        if self.rng.random() < 0.7:
            self.bob.abort()
        return j

    def taken(self):
        """He cannot, and is there."""
        j, seen = self.his("ibb", accepts=False)
        seen.terminate(self.rng.choice(["unsupported-applications", "gone", "timeout"]))
        self.seen = seen
        return j

    # --- words
    def transport(self, j):
        sid = self.rng.choice([j.stream, j.stream + "2", j.sid, "", "s" * 600])
        hosts = self.rng.choice(["", candidate(*self.px, "ours", 5, "proxy"), candidate(self.x.jid, self.silent.host, self.silent.port, "theirs"), "<candidate/>"])
        return transport_xml(self.rng.choice(["ibb", "ibb", "s5b", "s5b", "urn:x"]), sid, hosts, self.rng.choice([4096, 1, 0, 65535]))

    def jingle(self, j):
        action = self.rng.choice(ACTIONS)
        inner = self.rng.choice([
            "", j.wrap(""), j.wrap(self.transport(j)), j.wrap(self.transport(j)), j.wrap(self.transport(j)) * 2, "<content/>",
            j.wrap(f"<description xmlns='{j.app}'><file/></description>{self.transport(j)}")])
        if action == "session-terminate":
            inner = self.rng.choice(["", f"<reason><{self.rng.choice(REASONS)}/></reason>"])
        elif action == "session-info":
            inner = self.rng.choice(["", f"<checksum xmlns='{j.app}'><file>{sum_xml(self.rng.choice([DATA, b'']))}</file></checksum>", "<received/>", f"<received xmlns='{j.app}'/>"])
        elif action == "transport-info":
            inner = j.wrap(transport_xml("s5b", j.stream, f"<{self.rng.choice(WORDS)}/>"))
        return f"<jingle xmlns='{NS['jingle']}' action='{action}' sid='{j.sid}'>{inner}</jingle>", self.to

    def inband(self, j):
        sid, text = self.rng.choice([j.stream, j.stream, j.stream + "2"]), base64.b64encode(DATA[:self.rng.choice([1, 4096, 5000])]).decode()
        return self.rng.choice([
            f"<open xmlns='{NS['ibb']}' block-size='{self.rng.choice([0, 1, 4096, 70000])}' sid='{sid}'/>",
            f"<data xmlns='{NS['ibb']}' sid='{sid}' seq='{self.rng.choice([0, 0, 1, 2, 65535])}'>{self.rng.choice([text, text, '', '='])}</data>",
            f"<close xmlns='{NS['ibb']}' sid='{sid}'/>"]), self.to

    def proxy(self, j):
        if self.rng.random() < 0.5:
            return f"<query xmlns='{NS['s5b']}' sid='{j.stream}'><activate>{self.rng.choice([self.to, self.to.lower(), self.x.jid])}</activate></query>", "proxy.localhost"
        return f"<query xmlns='{NS['s5b']}' sid='{j.stream}'><streamhost jid='proxy.localhost' host='{self.px[1]}' port='{self.px[2]}'/></query>", self.to

    # --- a round
    def choose(self):
        """The state to begin with; it may be a session that a receiver had."""
        self.shared = self.rng.random() < 0.3
        self.to = "Bob@localhost/desk" if self.shared else "Bob@localhost/away"
        return self.rng.choice([self.left, self.copied, self.taken] if self.shared else [
            self.asked, self.accepted, self.opened, self.claiming, self.flowing, self.storing, self.dialling, self.unreached, self.seated, self.streaming, self.parked, self.over])

    def meanwhile(self, j):
        """What else happens behind a word."""
        if self.shared and self.bob.open and not self.bob.eof and self.rng.random() < 0.5:
            self.bob.send_iq("set", self.rng.choice([self.jingle, self.jingle, self.inband])(j)[0], self.x.jid)
            self.bob.sync()
        chance = self.rng.random()
        if chance < 0.05 and self.wires:
            self.rng.choice([self.wires[-1].close, self.wires[-1].abort])()
        elif chance < 0.3:
            self.let_go()
            self.x.sync()

    def finish(self, j):
        """Ends the session; False: he is gone."""
        self.ids.append((j.terminate(wait=False), self.to))
        self.let_go()
        if self.rng.random() < 0.05:
            self.x.abort()
            return False
        if self.shared and self.bob.open and self.rng.random() < 0.5:
            self.bob.end()
        return True

    def play(self):
        self.come()
        self.ids, state = [], self.choose()
        j = state()
        said = [state.__name__]
        for _ in range(self.rng.choice([1, 1, 2, 4])):
            word, to = self.rng.choice([self.jingle, self.jingle, self.jingle, self.inband, self.proxy])(j)
            said.append(word)
            self.ids.append((self.x.send_iq("set", word, to), to))
            self.meanwhile(j)
        if self.finish(j):
            self.judge(said, 0 if self.shared else 1)

    def judge(self, said, least):
        def answers(uid):
            return [el for el in self.x.queue if el.name == "iq" and el.get("type") in ("result", "error") and el.get("id") == uid]
        self.t.pump(lambda: all(len(answers(uid)) >= least for uid, _ in self.ids), f"an answer to each of {said}")
        self.x.sync()
        for uid, to in self.ids:
            came = [el.get("from") for el in answers(uid)]
            ok(least <= len(came) <= 1 and came in ([], [to]), f"answers from {came} to one of {said}")
        for x in (self.x, self.bob):
            if x is not None:  # of a receiver's what he has still to answer stays
                x.queue[:] = [el for el in x.queue if isinstance(self, Taker) and el.name == "iq" and el.get("type") == "set" and not el.find("{ibb}data")]


class Taker(Player):
    """Bob, to whom Ferry brings what Alice sends him."""

    def come(self):
        if self.x is None or self.x.eof or not self.x.open:
            self.x = self.t.xmpp(self.ferry, "bob", resource="takes", presence=False)
            self.x.able(*self.rng.choice([("jft5", "js5b", "jibb"), ("jft5", "jibb"), (NS["jft"] + "4", "js5b", "jibb", "si")]))
            self.px = self.x.proxy_address()
        if self.bob is None:
            self.bob = self.t.xmpp(self.ferry, "alice", resource="sends")
        return self.x

    def offered(self):
        """What else he is asked meanwhile he cannot do."""
        if not self.x.have("iq[@type='set']/{jingle}jingle[@action='session-initiate']"):
            self.bob.jingle_send("bob@localhost/away", "a.bin", DATA)
        while not self.x.have("iq[@type='set']/{jingle}jingle[@action='session-initiate']"):
            for el in [el for el in self.x.queue if el.name == "iq" and el.get("type") == "set"]:
                self.x.queue.remove(el)
                self.x.send_error(el, "feature-not-implemented")
            self.t.pump(lambda: self.x.have("iq[@type='set']"), "a session or another question")
        seen = self.x.expect_session()
        self.to = seen.sender
        return seen

    def connecting(self):
        seen = self.offered()
        seen.accept(range=self.rng.choice(["", "", "<range offset='10'/>", f"<range offset='{len(DATA)}'/>"]), block=self.rng.choice([None, 300]))
        if seen.method == "s5b":
            seen.informed("candidate-error")
        return seen

    def replacing(self):
        seen = self.connecting()
        if seen.method == "s5b":
            seen.info("<candidate-error/>")
        return seen

    def sending(self):
        seen = self.replacing()
        if seen.method == "s5b":
            seen.replaced()
        opened = self.x.take("iq[@type='set']/{ibb}open", from_=self.to)
        if self.rng.random() < 0.7:
            self.x.result(opened)
        return seen

    def sent(self):
        seen = self.offered()
        seen.accept()
        if seen.method == "s5b":
            seen.informed("candidate-error")
            seen.info("<candidate-error/>")
            seen.replaced()
        seen.bytes_in_band()
        return seen

    def proxied(self):
        seen = self.offered()
        if seen.method != "s5b":
            return seen
        seen.accept()
        wire = seen.connect()
        self.wires = self.wires[-5:] + [wire]
        wire.need(1)
        if self.rng.random() < 0.5:
            wire.need(seen.size - 1)
            self.rng.choice([wire.close, wire.abort])()
        return seen

    def choose(self):
        self.shared = False
        return self.rng.choice([self.offered, self.connecting, self.replacing, self.sending, self.sent, self.proxied])

    def meanwhile(self, j):
        if self.rng.random() < 0.3:
            self.x.sync()

    def finish(self, j):
        if self.rng.random() < 0.05:
            self.rng.choice([self.x.abort, self.x.end])()
            return False
        self.ids.append((j.say("session-terminate", f"<reason><{self.rng.choice(REASONS)}/></reason>", wait=False), self.to))
        return True


def run(t):
    seed = t.seed()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "10s", "limits.stall": "1s", "limits.handshake": "1s", "storage.expire_after": "1s",
                                                  "offers.copy": "on", "limits.per_address": 0})
    n, seconds = 0, t.seconds(8)
    for kind, share in ((Player, 0.6), (Taker, 0.4)):
        p = kind(t, ferry, random.Random(seed))
        end = time.monotonic() + seconds * share
        while time.monotonic() < end:
            p.play()
            n += 1
            ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
        for w in p.wires:
            w.close()
        p.come().end()
        if p.bob is not None and p.bob.open:
            p.bob.end()
        ferry.write_conf(**{"offers.delivery": "transfer", "storage.expire_after": "30d"})
        ferry.reload()
    t.pump(lambda: not [o for o in ferry.ctl("ls", "--json").objects if o["state"] == "receiving" and not o.get("kept")], "no upload under way", 60)
    ferry.ctl("fsck")
    t.say(f"rounds: {n}")
