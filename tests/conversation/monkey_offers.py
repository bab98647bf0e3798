"""Whatever four clients do to each other with offers, Jingle sessions, streams, rosters and acknowledgements, in any order; and whole
transfers between two of them, played a step at a time with wrong words in between: the daemon lives, answers a ping at the end, and stops
cleanly. `make monkey` plays longer."""
import base64
import random
import socket
import time

from talk import *
from talk.scene import CONTENTS, INFOS, SIDS, Words, scene

TIME_LIMIT = 900
USERS = ("alice", "bob", "carol", "dave")  # dave never comes


class Monkey(Words):
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng = t, ferry, rng
        self.clients, self.asked, self.raw = [None] * 5, [], []
        self.sessions, self.actor = [], None
        self.scenes, self.count = [], 0
        self.proxy = ferry.address("proxy65")
        self.host = socket.socket()
        self.host.bind(("127.0.0.1", 0))
        self.host.listen(50)
        self.host.setblocking(False)

    def address(self):
        return self.rng.choice(["dave@localhost", "dave@localhost/r", "dave@localhost", "bob@localhost", "Bob@localhost/", "bob@localhost/r", "carol@localhost", "carol@localhost/r",
                                "alice@localhost", "alice@localhost/r", "alice@localhost/q", "nobody@localhost", "localhost"])

    def client(self, i):
        x = self.clients[i]
        if x is not None and not x.eof and x.open:
            return x
        if x is not None:
            x.close()
        user, resource = (("alice", "r"), ("alice", "q"), ("bob", "r"), ("carol", "r"), ("bob", "ferry2"))[i]
        x = self.clients[i] = self.t.xmpp(self.ferry, user, resource=resource, tls=None, auth="iq-password",
                                          presence=self.rng.random() < 0.5, sm=self.rng.random() < 0.3)
        if self.rng.random() < 0.3:
            x.able(*self.rng.choice([("jft5", "js5b", "jibb", "si"), ("jft5", "jibb"), ("si",)]))
        x.auto_pong = self.rng.random() < 0.7
        x.auto_ack = self.rng.random() < 0.7
        return x

    def iq(self, payload, to, kind="set"):
        uid = f"m{self.rng.randrange(40)}"
        return f"<iq type='{kind}' id='{uid}' to='{to}'>{payload}</iq>"

    # --- what may be said
    def offer(self):
        size = self.rng.choice([0, 1, 10, 5000, 200_000, 10**9])
        methods = self.rng.sample(["ibb", "bytestreams"], self.rng.choice([1, 2]))
        options = "".join(f"<option><value>http://jabber.org/protocol/{m}</value></option>" for m in methods)
        return self.iq(f"<si xmlns='{NS['si']}' id='{self.rng.choice(SIDS)}' profile='{NS['file']}'><file xmlns='{NS['file']}' "
                       f"name='f' size='{size}'/><feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' "
                       f"type='form'><field var='stream-method' type='list-single'>{options}</field></x></feature></si>", self.address())

    def open(self):
        block = self.rng.choice([1, 4096, 65535])
        return self.iq(f"<open xmlns='{NS['ibb']}' block-size='{block}' sid='{self.rng.choice(SIDS)}' "
                       f"stanza='{self.rng.choice(['iq', 'message'])}'/>", self.address())

    def data(self):
        n, sid, to, out = self.rng.choice([1, 9, 10, 4000, 4096]), self.rng.choice(SIDS), self.address(), ""
        for seq in range(self.rng.choice([1, 1, 2, 60])):
            text = base64.b64encode(b"x" * n).decode()
            body = f"<data xmlns='{NS['ibb']}' sid='{sid}' seq='{seq}'>{text}</data>"
            out += self.iq(body, to) if self.rng.random() < 0.8 else f"<message to='{to}'>{body}</message>"
        return out

    def close(self):
        return self.iq(f"<close xmlns='{NS['ibb']}' sid='{self.rng.choice(SIDS)}'/>", self.address())

    def stream(self):
        """A whole in-band stream, or most of one."""
        sid, to, n = self.rng.choice(SIDS), self.address(), self.rng.choice([1, 10, 5000])
        data = base64.b64encode(b"y" * min(n, 4000)).decode()
        rest = base64.b64encode(b"y" * (n - 4000)).decode() if n > 4000 else None
        begin = self.iq(f"<open xmlns='{NS['ibb']}' block-size='4096' sid='{sid}'/>", to)
        blocks = [self.iq(f"<data xmlns='{NS['ibb']}' sid='{sid}' seq='{i}'>{d}</data>", to) for i, d in enumerate((data, rest)) if d]
        close = self.iq(f"<close xmlns='{NS['ibb']}' sid='{sid}'/>", to)
        return [self.offer_of(sid, to, n), begin, "".join(blocks), close if self.rng.random() < 0.8 else ""]

    def offer_of(self, sid, to, n):
        return self.iq(f"<si xmlns='{NS['si']}' id='{sid}' profile='{NS['file']}'><file xmlns='{NS['file']}' name='f' size='{n}'/>"
                       "<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'><field "
                       f"var='stream-method'><option><value>{NS['ibb']}</value></option></field></x></feature></si>", to)

    def query(self):
        host, port = self.host.getsockname()
        hosts = self.rng.sample([("alice@localhost/r", host, port), ("proxy.localhost", "127.0.0.1", 7777), ("x@y", "localhost", port),
                                 ("x@y", "10.0.0.1", 80)], self.rng.choice([1, 2, 4]))
        hosts = "".join(f"<streamhost jid='{j}' host='{h}' port='{p}'/>" for j, h, p in hosts)
        return self.iq(f"<query xmlns='{NS['s5b']}' sid='{self.rng.choice(SIDS)}'>{hosts}</query>", self.address())

    def activate(self):
        return self.iq(f"<query xmlns='{NS['s5b']}' sid='{self.rng.choice(SIDS)}'><activate>{self.address()}</activate></query>",
                       "proxy.localhost")

    def ask_proxy(self):
        return self.iq(f"<query xmlns='{NS['s5b']}'/>", "proxy.localhost", "get")

    def reply(self):
        if not self.asked:
            return ""
        uid, frm = self.rng.choice(self.asked)
        if self.rng.random() < 0.5:
            return f"<iq type='result' id='{uid}' to='{frm}'/>"
        return f"<iq type='error' id='{uid}' to='{frm}'><error type='cancel'><forbidden xmlns='{NS['stanzas']}'/></error></iq>"

    def presence(self):
        kind = self.rng.choice(["", "", "", " type='unavailable'"])
        return f"<presence{kind}><priority>{self.rng.choice([-1, 0, 0, 5])}</priority></presence>"

    def subscription(self):
        kind = self.rng.choice(["subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"])
        return f"<presence type='{kind}' to='{self.address().split('/')[0]}'/>"

    def roster(self):
        gone = self.rng.choice(["", " subscription='remove'"])
        return f"<iq type='set' id='r'><query xmlns='jabber:iq:roster'><item jid='{self.address().split('/')[0]}'{gone}/></query></iq>" \
            if self.rng.random() < 0.7 else "<iq type='get' id='r'><query xmlns='jabber:iq:roster'/></iq>"

    def block(self):
        what = self.rng.choice(["block", "unblock"])
        item = f"<item jid='{self.address()}'/>" if what == "block" or self.rng.random() < 0.5 else ""
        return f"<iq type='set' id='b'><{what} xmlns='urn:xmpp:blocking'>{item}</{what}></iq>"

    def message(self):
        return f"<message type='{self.rng.choice(['chat', 'normal', 'error', 'headline'])}' to='{self.address()}'><body>hi</body></message>"

    def sm(self):
        return self.rng.choice(["<r xmlns='urn:xmpp:sm:3'/>", f"<a xmlns='urn:xmpp:sm:3' h='{self.rng.randrange(30)}'/>",
                                "<enable xmlns='urn:xmpp:sm:3'/>"])

    # --- Jingle
    def jingle(self, action, inner="", to=None, sid=None):
        return self.iq(f"<jingle xmlns='{NS['jingle']}' action='{action}' sid='{sid or self.rng.choice(SIDS)}'>{inner}</jingle>",
                       to or self.address())

    def initiate(self):
        return self.jingle("session-initiate", self.described(self.rng.choice([0, 1, 10, 5000, 10**9])))

    def action(self):
        action = self.rng.choice(["session-accept", "session-info", "session-terminate", "session-terminate", "transport-info", "transport-info",
                                  "transport-replace", "transport-replace", "transport-accept", "transport-reject", self.rng.choice(CONTENTS)])
        if action == "session-terminate":
            inner = f"<reason><{self.rng.choice(['success', 'cancel', 'decline', 'unsupported-applications', 'connectivity-error', 'failed-transport'])}/></reason>"
        elif action == "session-info":
            inner = self.rng.choice(["", f"<checksum xmlns='{NS['jft5']}'><file>{sum_xml(b'')}</file></checksum>", "<x xmlns='y'/>", *INFOS])
        elif action == "transport-info":
            word = self.rng.choice(["candidate-used cid='ferry'", "candidate-used cid='ferry'", "candidate-error", "proxy-error", "activated cid='c2'"])
            inner = self.content(transport_xml("s5b", self.rng.choice(SIDS), f"<{word}/>"))
        elif action in CONTENTS:
            inner = self.contents()
        else:
            inner = self.content(self.transport())
        return self.jingle(action, inner)

    def respond(self):
        """A word of a receiver about a session that was begun with him, mostly in time."""
        mine = [s for s in self.sessions if s[0] is self.actor]
        if not mine:
            return ""
        _, sid, stream, frm = self.rng.choice(mine)
        accept = self.jingle("session-accept", self.described(1, None, transport_xml(self.rng.choice(["ibb", "ibb", "s5b"]), stream)), frm, sid)
        word = self.rng.choice(["candidate-used cid='c1'", "candidate-error", "candidate-error", "proxy-error"])
        reason = self.rng.choice(["decline", "failed-transport", "connectivity-error", "unsupported-transports", "success", "gone", "timeout"])
        return self.rng.choice([
            accept, accept, accept, accept + accept, self.jingle(self.rng.choice(CONTENTS), self.contents(), frm, sid), self.jingle("transport-info", self.content(transport_xml("s5b", stream, f"<{word}/>")), frm, sid),
            self.jingle("session-terminate", f"<reason><{reason}/></reason>", frm, sid),
            self.jingle(self.rng.choice(["transport-reject", "transport-accept", "transport-replace"]), self.content(self.transport(stream)), frm, sid),
            self.jingle("session-info", self.rng.choice(INFOS), frm, sid)])

    def another(self, el, jingle):
        """He is to take another stream: he does, and sends by it, or he does not."""
        streams = [c["sid"] for content in jingle.children for c in content.children if c.name == "transport"]
        stream, sid, to, data = (streams + ["s0"])[0], jingle["sid"], el["from"], base64.b64encode(b"q" * self.rng.choice([1, 10, 4000])).decode()
        out = f"<iq type='result' id='{el['id']}' to='{to}'/>" + self.jingle(
            self.rng.choice(["transport-accept", "transport-accept", "transport-reject"]), self.content(transport_xml("ibb", stream)), to, sid)
        return out + "".join(self.iq(f"<{what} xmlns='{NS['ibb']}' sid='{stream}'{more}", to) for what, more in (
            ("open", " block-size='4096'/>"), ("data", f" seq='0'>{data}</data>"), ("close", "/>"))[:self.rng.choice([0, 1, 3])])

    def propose(self):
        return (f"<message to='{self.address()}'><propose xmlns='urn:xmpp:jingle-message:0' id='{self.rng.choice(SIDS)}'>"
                f"<description xmlns='{NS['jft5']}'><file/></description></propose></message>")

    def whole(self):
        """A whole file by Jingle, or most of one, with a word in between."""
        sid, to, n = self.rng.choice(SIDS), self.address(), self.rng.choice([0, 10, 4000])
        data = b"y" * n
        begin = self.jingle("session-initiate", self.described(n, data, self.transport(sid, self.rng.choice(["ibb", "ibb", "s5b"]))), to, sid)
        between = self.rng.choice(["", "", self.action(), self.jingle("transport-info", self.content(
            transport_xml("s5b", sid, "<candidate-used cid='ferry'/>")), to, sid), self.jingle("transport-replace", self.content(
                transport_xml("ibb", sid)), to, sid)])
        open = self.iq(f"<open xmlns='{NS['ibb']}' block-size='4096' sid='{sid}'/>", to)
        block = self.iq(f"<data xmlns='{NS['ibb']}' sid='{sid}' seq='0'>{base64.b64encode(data).decode()}</data>", to) if n else ""
        close = self.iq(f"<close xmlns='{NS['ibb']}' sid='{sid}'/>", to)
        late = self.rng.choice(["", self.jingle("session-info", f"<checksum xmlns='{NS['jft5']}'><file>{sum_xml(data)}</file></checksum>", to, sid),
                                self.jingle("session-terminate", "<reason><success/></reason>", to, sid)])
        return [begin, between, open, block, close, late]

    # --- whole transfers, a step at a time
    def play(self):
        if len(self.scenes) < 4:
            self.scenes.append(scene(self))
        which = self.rng.choice(self.scenes)
        if next(which, self) is self:
            self.scenes.remove(which)
        self.t.turn(self.rng.choice([0.001, 0.001, 0.01]))

    # --- a step
    def act(self):
        if self.rng.random() < 0.6:
            self.play()
            self.serve()
            return
        x = self.client(self.rng.randrange(len(self.clients)))
        self.actor = x
        for el in x.queue:
            begun = el.find("{jingle}jingle") if el.name == "iq" else None
            if begun is not None and begun.get("action") == "session-initiate":
                content = begun.find("content")
                streams = [c["sid"] for c in content.children if c.name == "transport"] if content is not None else []
                self.sessions = self.sessions[-40:] + [(x, begun["sid"], (streams + ["s0"])[0], el["from"])]
                if self.rng.random() < 0.6 and x.open:
                    x.write((f"<iq type='result' id='{el['id']}' to='{el['from']}'/>" + self.respond()).encode(), quiet=True)
            elif begun is not None and begun.get("action") == "transport-replace" and x.open and self.rng.random() < 0.7:
                x.write(self.another(el, begun).encode(), quiet=True)
            if el.name == "iq" and el.get("type") in ("get", "set") and el.get("id"):
                self.asked = self.asked[-40:] + [(el["id"], el.get("from") or "localhost")]
        x.queue.clear()
        what = self.rng.choice([self.offer, self.offer, self.open, self.data, self.close, self.stream, self.stream, self.query,
                                self.activate, self.ask_proxy, self.reply, self.reply, self.reply, self.presence, self.subscription,
                                self.roster, self.block, self.message, self.sm, self.initiate, self.initiate, self.action, self.action, self.action,
                                self.whole, self.whole, self.respond, self.respond, self.respond, self.propose])()
        for part in what if isinstance(what, list) else [what]:
            x.write(part.encode(), quiet=True)
            end = time.monotonic() + (0.002 if len(part) < 2 or not isinstance(what, list) else 0.03)
            while time.monotonic() < end and not x.eof:
                self.t.turn(end - time.monotonic())
        chance = self.rng.random()
        if chance < 0.01:
            self.rng.choice([x.close, x.abort, lambda: x.write(b"</stream:stream>"), lambda: x.write(b"<broken")])()
        elif chance < 0.03:
            self.socks(x)
        self.serve()

    def socks(self, x):
        s = socket.create_connection(self.proxy)
        ends = self.rng.sample([x.jid, self.address()], 2)
        s.sendall(b"\5\1\0\5\1\0\3\x28" + dst_addr(self.rng.choice(SIDS), *ends).encode() + b"\0\0" + b"z" * 10)
        self.raw = self.raw[-8:] + [s]

    def leave(self):
        """No connection of his at the proxy stays: without a least rate one would hold up the daemon's end."""
        self.scenes.clear()  # and what they hold
        for s in self.raw:
            s.close()

    def serve(self):
        try:
            s, _ = self.host.accept()
            s.settimeout(0.2)
            s.recv(100)
            s.sendall(b"\5\0")
            request = s.recv(100)
            s.sendall(b"\5\0" + request[2:] + b"z" * self.rng.choice([0, 1, 10, 11]))
            self.raw = self.raw[-8:] + [s]
        except OSError:
            pass


ODD = {"storage.max_file_size": ["60K", "9"], "storage.reserve": ["900T"], "storage.user_quota": ["100K"], "storage.inbox_quota": ["100K", "1M"],
       "offers.takeover": ["off"], "offers.accept_from": ["contacts"], "limits.offers_per_user": ["2"], "offers.delivery": ["transfer", "both"]}


def disturb(ferry, rng, usual):
    """What an operator does meanwhile: switches, limits and quotas change, an account is blocked, or goes and comes again."""
    what = rng.random()
    if what < 0.7:
        key = rng.choice(list(ODD))
        ferry.write_conf(**{**usual, "offers.copy": rng.choice(["on", "off"]), "offers.filebox": rng.choice(["yes", "no"]),
                            "limits.min_rate": rng.choice(["0", "500"]), **({key: rng.choice(ODD[key])} if what < 0.4 else {})})
        ferry.signal(1)
    elif what < 0.8:
        user = rng.choice(["alice", "bob", "carol"])
        ferry.ctl("user", "block", f"{user}@localhost")
        ferry.ctl("user", "block", f"{user}@localhost", "--off")
    else:
        user = rng.choice(["bob", "carol", "dave"])
        ferry.ctl("user", "rm", f"{user}@localhost")
        ferry.add_users([user])


def run(t):
    seed = t.seed()
    conf = {"limits.stall": "1s", "limits.handshake": "1s", "limits.idle_ping": "2s", "offers.answer_timeout": "2s",
            "limits.failed_logins": "1000", "log.level": "info", "offers.dial_ports": "1-65535", "storage.expire_after": "1s",
            "limits.offers_per_user": "8", "offers.copy": "on" if seed % 2 else "off", "offers.delivery": "both" if seed // 2 % 2 else "link"}
    ferry = t.ferry(users=USERS, conf=conf)
    usual = {key: ferry.conf.get(key) for key in ODD}
    m = Monkey(t, ferry, random.Random(seed))
    end, lock = time.monotonic() + t.seconds(5), None
    while time.monotonic() < end:
        for _ in range(50):
            m.act()
            ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
        if lock is None and m.rng.random() < 0.2:
            disturb(ferry, m.rng, usual)
        if lock is None and m.rng.random() < 0.1:
            lock = ferry.hold_index()
        elif lock is not None:
            lock.close()
            lock = None
    if lock is not None:
        lock.close()
    m.leave()
    t.xmpp(ferry, "alice", resource="last").sync()
    ferry.ctl("fsck")  # files, rows and quotas agree
    log = "\n".join(ferry.log)
    t.say(", ".join(f"{what}: {log.count(what)}" for what in (
        "offer asked", "offer routed", "offer accepted", "by=bytestreams", "-> stored", "in-band fault", "relay begins", "offer timeout",
        "offer ended", ", jingle", "jingle why=", "transport replaced", "taken over", "third-connection", "announce told", "stream error", " bound ", "given up",
        "relay failed", "without the receiver", "transfer kept", "late yes", "late no", "jingle-out ", "offset=", "invite sent", "delivery ")))
    t.say(f"scenes: {m.count}")
