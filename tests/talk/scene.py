"""Scenes of monkey_offers: whole transfers between two of its clients, played a step at a time and with wrong words in between."""
import base64
import socket
import time

from .files import dst_addr, md5
from .jingle import candidate, sum_xml, transport_xml
from .stanza import NS

SIDS = [f"s{i}" for i in range(6)]
AGAIN = b"again" * 14_000
CONTENTS = ("content-add", "content-modify", "content-remove", "content-remove", "content-accept", "content-reject", "description-info", "security-info",
            "session-initiate", "nonsense", "")
INFOS = ("", f"<received xmlns='{NS['jft5']}' creator='initiator' name='c'/>", "<ringing xmlns='urn:xmpp:jingle:apps:rtp:info:1'/>",
         f"<checksum xmlns='{NS['jft5']}'/>", f"<checksum xmlns='{NS['jft5']}'><file/></checksum>")


class Words:
    """What Jingle's actions hold, by the dice `rng`. `host` is a socket that listens: a stream host of the speaker's."""

    def transport(self, sid=None, kind=None):
        host, port = self.host.getsockname()
        hosts = [candidate("alice@localhost/r", host, port, "c1", 9), candidate("proxy.localhost", "127.0.0.1", 7777, "c2", 5, "proxy"),
                 candidate("x@y", "10.0.0.1", 80, "c3", 7)]
        inner = "".join(self.rng.sample(hosts, self.rng.choice([0, 1, 3])))
        return transport_xml(kind or self.rng.choice(["ibb", "s5b", "s5b", "urn:x"]), sid or self.rng.choice(SIDS), inner)

    def content(self, inner):
        return f"<content creator='initiator' name='c' senders='initiator'>{inner}</content>"

    def described(self, n, data=None, transport=None):
        if data == AGAIN:
            return self.content(f"<description xmlns='{NS['jft5']}'><file><name>f</name><size>{n}</size>{sum_xml(data)}<range/></file></description>{transport}")
        hash = self.rng.choice(["", sum_xml(None), sum_xml(data or b""), sum_xml(data or b"", "sha-1")])
        range = self.rng.choice(["", "", "<range/>", "<range offset='1'/>"])
        size = "" if self.rng.random() < 0.2 else f"<size>{n}</size>"
        return self.content(f"<description xmlns='{NS['jft5']}'><file><name>f</name>{size}{hash}{range}</file></description>"
                            f"{transport or self.transport()}")

    def contents(self):
        """One content or two, of a name that may be the session's, with something in it or nothing."""
        return "".join(self.rng.choice([self.described(1), self.content(""), "<content creator='responder' name='d'/>", "<content/>"])
                       for _ in range(self.rng.choice([0, 1, 1, 2])))


def scene(monkey):
    """A file from one client to another or to who is away, by whatever they agree on; what is said in between is mostly about it. The
    dice are the monkey's, and thrown first when the first step is played."""
    yield from Scene(monkey).play()


class Scene:
    def __init__(self, monkey):
        m, rng = monkey, monkey.rng
        self.m, self.rng = m, rng
        self.who = rng.sample(range(len(m.clients)), 2)
        self.a, self.b = a, b = [m.client(i) for i in self.who]
        m.count += 1
        self.sid, self.uid, self.iqs = rng.choice([f"t{m.count}", f"t{m.count}", rng.choice(SIDS)]), f"z{m.count}", 0
        stream = rng.choice([self.sid, self.sid + "x"])
        self.to = b.jid if rng.random() < 0.7 else rng.choice(["dave@localhost", "dave@localhost/r"])
        self.n = rng.choice([0, 1, 10, 5000, 70_000, 300_000])
        self.data = bytes([m.count % 251]) * self.n
        if rng.random() < 0.2:  # what broke off, perhaps
            self.n, self.data = len(AGAIN), AGAIN
        self.calm = rng.choice([0.6, 0.9, 0.98])
        self.jingle, self.s5b = rng.random() < 0.5, rng.random() < 0.6
        self.method = "s5b" if self.s5b else "ibb"
        self.stream = stream if self.jingle else self.sid
        self.key = dst_addr(self.stream, a.jid, self.to)

    # --- what is said
    def say(self, x, *words):
        if x.open and not x.eof:
            x.write("".join(words).encode(), quiet=True)

    def iq(self, payload, to, kind="set"):
        self.iqs += 1
        return f"<iq type='{kind}' id='{self.uid}-{self.iqs}' to='{to}'>{payload}</iq>"

    def result(self, number, payload=""):
        """Of the receiver, to that one of the scene's iqs."""
        return f"<iq type='result' id='{self.uid}-{number}' to='{self.a.jid}'" + (f">{payload}</iq>" if payload else "/>")

    def word(self, action, inner="", to=None):
        return self.iq(f"<jingle xmlns='{NS['jingle']}' action='{action}' sid='{self.sid}'>{inner}</jingle>", to or self.to)

    def info(self, inner, to=None):
        return self.word("transport-info", self.m.content(transport_xml("s5b", self.stream, inner)), to)

    def proxy(self, cid):
        return candidate("proxy.localhost", *self.m.proxy, cid, 5, "proxy")

    def offer(self):
        if not self.jingle:
            return self.iq(self.si_offer(), self.to)
        one = self.m.described(self.n, self.data, transport_xml(self.method, self.stream, self.proxy("c2") if self.s5b else ""))
        more = one.replace("name='c'", "name='d'") if self.rng.random() < 0.1 else ""
        return self.word("session-initiate", one + more)

    def si_offer(self):
        again = self.data == AGAIN
        span = "<range/>" if again else self.rng.choice(["", "<range/>", "<range offset='1'/>", "<range/>"])
        hash = f" hash='{md5(self.data)}'"
        hash = hash if again else self.rng.choice(["", hash, f" hash='{md5(b'other')}'"])
        return (f"<si xmlns='{NS['si']}' id='{self.sid}' profile='{NS['file']}'><file xmlns='{NS['file']}' name='f{self.n}' size='{self.n}'{hash}>{span}"
                "</file><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'><field "
                f"var='stream-method'><option><value>{NS[self.method]}</value></option></field></x></feature></si>")

    def accept(self):
        if self.jingle:
            ours = self.proxy("c3") if self.s5b and self.rng.random() < 0.5 else ""
            span = self.rng.choice(["", "", "<range offset='1'/>"])
            return self.result(1) + self.word("session-accept", self.m.content(
                f"<description xmlns='{NS['jft5']}'><file>{span}</file></description>{transport_xml(self.method, self.stream, ours)}"), self.a.jid)
        span = self.rng.choice(["", "", f"<file xmlns='{NS['file']}'><range offset='1'/></file>", f"<file xmlns='{NS['file']}'><range length='1'/></file>"])
        return self.result(1, f"<si xmlns='{NS['si']}'>{span}<feature xmlns='{NS['feature']}'><x xmlns='jabber:x:data' "
                           f"type='submit'><field var='stream-method'><value>{NS[self.method]}</value></field></x></feature></si>")

    def inband(self, what, more="", sid=None, to=None):
        return self.iq(f"<{what} xmlns='{NS['ibb']}'{more} sid='{sid or self.stream}'/>", to or self.to)

    def block(self, seq, stream=None, size=4096):
        text = base64.b64encode(self.data[seq * size:(seq + 1) * size]).decode()
        return self.iq(f"<data xmlns='{NS['ibb']}' sid='{stream or self.stream}' seq='{seq}'>{text}</data>", self.to)

    def query(self, sid=None, port=None):
        host, ours = self.m.proxy
        return self.iq(f"<query xmlns='{NS['s5b']}' sid='{sid or self.stream}'><streamhost jid='proxy.localhost' host='{host}' port='{port or ours}'/></query>",
                       self.to)

    def activate(self, target):
        return self.iq(f"<query xmlns='{NS['s5b']}' sid='{self.stream}'><activate>{target}</activate></query>", "proxy.localhost")

    def checksum(self, *of):
        return f"<checksum xmlns='{NS['jft5']}'><file>{sum_xml(*of)}</file></checksum>"

    def setting(self):
        node, field = self.rng.choice([("mute", ""), ("unmute", ""), ("takeover", "on"), ("takeover", "off"), ("takeover", "default")])
        field = f"<x xmlns='jabber:x:data' type='submit'><field var='switch'><value>{field}</value></field></x>" if field else ""
        return self.iq(f"<command xmlns='http://jabber.org/protocol/commands' node='{node}' action='execute'>{field}</command>", "upload.localhost")

    def blocking(self, x, back):
        what = self.rng.choice(["block", "unblock", "unblock"])
        return self.iq(f"<{what} xmlns='urn:xmpp:blocking'><item jid='{self.rng.choice([back, back.split('/')[0]])}'/></{what}>", x.jid.split("/")[0])

    def wire(self, key=None):
        """At our proxy; what it answers is waited for, or somebody is in a hurry."""
        s = socket.create_connection(self.m.proxy)
        s.settimeout(0.01)
        self.m.raw = self.m.raw[-12:] + [s]
        s.sendall(b"\5\1\0\5\1\0\3\x28" + (key or self.key).encode() + b"\0\0")
        got, end = b"", time.monotonic() + (0.2 if self.rng.random() < 0.9 else 0)
        while len(got) < 49 and got[3:4] in (b"", b"\0") and time.monotonic() < end:
            try:
                got += s.recv(49 - len(got)) or b"\5\0\5\1"
            except OSError:
                pass
        return s

    # --- what does not belong
    def between(self):
        """Mostly nothing; else a word that does not belong here."""
        if self.rng.random() < self.calm:
            return
        m, rng, a, b, to = self.m, self.rng, self.a, self.b, self.to
        x, back = rng.choice([(a, to), (a, to), (b, a.jid), (b, a.jid), (a, a.jid), (a, "localhost"), (m.client(rng.randrange(5)), rng.choice([to, a.jid]))])
        other = rng.choice(SIDS + [f"t{m.count}", f"t{max(m.count - 1, 1)}x", self.stream])
        self.say(x, self.wrong(x, back, other))
        if rng.random() < 0.08:
            rng.choice([x.close, x.abort])()
        if rng.random() < 0.1:
            m.client(rng.choice(self.who))
        if rng.random() < 0.05:
            self.wire(rng.choice([self.key, dst_addr(other, a.jid, to)]))

    def wrong(self, x, back, other):
        m, rng, word, stream = self.m, self.rng, self.word, self.stream
        checksum = self.checksum(rng.choice([self.data, self.data, b""]), rng.choice(["sha-256", "sha-1"]))
        return rng.choice([
            lambda: self.block(rng.choice([0, 0, 1]), rng.choice([stream, other])), lambda: self.query(rng.choice([stream, self.sid, other])),
            lambda: self.query(stream, 1), lambda: self.inband("open", " block-size='4096'", rng.choice([stream, other]), back),
            lambda: self.inband("close", to=back),
            lambda: word(rng.choice(["transport-replace", "transport-replace", "transport-accept", "transport-reject"]), m.content(
                rng.choice([transport_xml("ibb", other), transport_xml("ibb", stream), m.transport(other)])), back),
            lambda: self.info(rng.choice(["<candidate-error/>", "<proxy-error/>", "<candidate-used cid='c2'/>", "<candidate-used cid='ferry'/>",
                                          "<activated cid='c2'/>", "<activated cid='c3'/>"]), back),
            lambda: word("session-info", checksum, back), lambda: word("session-info", checksum, back),
            lambda: word(rng.choice(CONTENTS), rng.choice([m.described(self.n, self.data), m.contents()]), back),
            lambda: word("session-initiate", m.described(self.n, self.data), back), lambda: word("session-info", rng.choice(INFOS), back),
            lambda: word("session-accept", m.described(self.n, None, transport_xml(rng.choice(["ibb", "s5b"]), rng.choice([stream, other]))), back),
            lambda: self.activate(back),
            lambda: f"<iq type='{rng.choice(['result', 'error'])}' id='{self.uid}-{rng.randrange(1, self.iqs + 2)}' to='{back}'/>",
            lambda: word("session-terminate", f"<reason><{rng.choice(['success', 'cancel', 'failed-transport', 'connectivity-error'])}/></reason>", back),
            self.setting, lambda: self.blocking(x, back), lambda: "<presence type='unavailable'/>", lambda: "<presence/>", self.offer,
            lambda: self.activate(self.to)])()

    # --- the steps
    def step(self, x, *words):
        self.say(x, *words)
        self.between()

    def play(self):
        a, b, here = self.a, self.b, self.to == self.b.jid
        self.step(a, self.offer())
        yield
        if here:
            self.step(b, self.rng.choice([self.accept(), self.accept(), self.accept(), self.accept(), self.result(1)]))
            yield
        if self.jingle and self.rng.random() < 0.3:  # no host is reached, or he would rather have another stream
            yield from self.replaced()
        yield from self.by_proxy() if self.s5b else self.in_band()
        yield
        self.step(a, self.word("session-info", self.checksum(self.data)) if self.jingle else "")
        yield
        if self.jingle:
            self.say(b, self.word("session-terminate", "<reason><success/></reason>", a.jid))

    def replaced(self):
        a, b, rng = self.a, self.b, self.rng
        self.step(a, self.info("<candidate-error/>") if self.s5b else "")
        self.step(b, self.info("<candidate-error/>", a.jid) if self.s5b else "")
        self.stream, self.s5b = self.stream + "r", self.s5b and rng.random() < 0.2
        self.key = dst_addr(self.stream, a.jid, self.to)
        other = self.m.content(transport_xml("s5b" if self.s5b else "ibb", self.stream, self.proxy("c2") if self.s5b else ""))
        self.step(a, self.word("transport-replace", other))
        yield
        self.step(b, f"<iq type='{rng.choice(['result', 'result', 'error'])}' id='{self.uid}-{self.iqs}' to='{a.jid}'/>",
                  self.word(rng.choice(["transport-accept", "transport-accept", "transport-reject"]), other, a.jid))
        yield

    def by_proxy(self):
        a, b, rng, to = self.a, self.b, self.rng, self.to
        asked = self.iqs + 1
        if not self.jingle:
            self.step(a, self.query())
            yield
        own = self.jingle and to != b.jid and rng.random() < 0.5  # he comes to Ferry's own host
        reads = self.wire(rng.choice([dst_addr(self.stream, to, a.jid), self.key, dst_addr(self.sid, a.jid, to)]) if own else None)
        if own:
            self.step(a, self.info("<candidate-used cid='ferry'/>"))
        elif self.jingle:
            self.step(b, self.info(f"<candidate-used cid='{rng.choice(['c2', 'c2', 'c3'])}'/>", a.jid))
            self.step(a, self.info("<candidate-error/>"))
        else:
            self.step(b, self.result(asked, f"<query xmlns='{NS['s5b']}' sid='{self.stream}'><streamhost-used jid='proxy.localhost'/></query>"))
        yield
        writes = reads if own else self.wire()
        if not own:
            by_b = self.jingle and rng.random() < 0.2
            who, target = (b, a.jid) if by_b else (a, to)
            self.step(who, self.activate(target), self.info("<activated cid='c2'/>", target) if self.jingle else "")
        yield
        yield from self.pour(writes, reads)

    def pour(self, writes, reads):
        rng = self.rng
        for k in range(0, self.n, 20_000):
            try:
                writes.send(self.data[k:k + 20_000])
                if writes is not reads and rng.random() < 0.8:
                    reads.recv(100_000)
                if rng.random() < 0.1:
                    rng.choice([reads, reads, writes]).close()
                    if rng.random() < 0.5:
                        rng.choice([self.b.abort, self.b.close, self.a.close])()
            except OSError:
                pass
            self.between()
            yield
        if rng.random() < 0.8:
            rng.choice([reads, writes]).close()
            writes.close()

    def in_band(self):
        a, b, rng = self.a, self.b, self.rng
        self.step(a, self.inband("open", " block-size='4096'"))
        self.say(b, self.result(self.iqs))
        yield
        for seq in range(min((self.n + 4095) // 4096, 20)):
            self.step(a, self.block(seq))
            self.say(b, self.result(self.iqs))
            if rng.random() < 0.5:
                yield
            if rng.random() < 0.03:
                rng.choice([b.abort, b.close])()
        self.step(a, self.inband("close"))
        self.say(b, self.result(self.iqs))
