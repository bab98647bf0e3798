"""Whatever receivers answer to offers and streams, properly or not, at once, late, never or as programs of libpurple's kind do; and whatever
senders then do: go on by another method or under another list, flood blocks, begin a second stream, turn round or leave. The daemon lives,
and what it keeps is whole. MONKEY_SEED repeats a run, MONKEY_SECONDS makes it longer."""
import base64
import random
import socket
import time

from talk import *

TIME_LIMIT = 900
CLIENTS = (("alice", "r"), ("alice", "q"), ("bob", "r"), ("bob", "s"), ("carol", "r"))
CAPS = "<c xmlns='http://jabber.org/protocol/caps' node='http://pidgin.im/' hash='sha-1' ver='x'/>"
CANNOT = ("feature-not-implemented", "service-unavailable", "not-acceptable", "item-not-found", "item-not-found", "item-not-found", "forbidden",
          "resource-constraint", "bad-request")
SIZES = (0, 1, 5000, 70_000, 700_000)


class Transfer:
    """As its sender sees it."""

    def __init__(self, who, to, sid, n, methods):
        self.who, self.to, self.sid, self.n, self.methods, self.seq, self.steps, self.open = who, to, sid, n, methods, 0, 0, False


class Monkey:
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng, self.count = t, ferry, rng, 0
        self.clients, self.late, self.wires, self.mine, self.asked = [None] * len(CLIENTS), [], [], [], {}
        self.proxy = ferry.address("proxy65")

    def client(self, i):
        x = self.clients[i]
        if x is not None and x.open and not x.eof:
            return x
        if x is not None:
            x.close()
        user, resource = CLIENTS[i]
        x = self.clients[i] = self.t.xmpp(self.ferry, user, resource=resource, tls=None, auth="iq-password", presence=self.rng.random() < 0.9,
                                          sm=self.rng.random() < 0.2)
        if self.rng.random() < 0.4:
            self.say(x, f"<presence>{CAPS}</presence>")
        return x

    def say(self, x, *words):
        if x is not None and x.open and not x.eof:
            x.write("".join(words).encode(), quiet=True)

    def ask(self, transfer, what, payload, to=None, kind="set"):
        self.count += 1
        uid = f"m{self.count}"
        self.asked[uid] = (transfer, what)
        return f"<iq type='{kind}' id='{uid}' to='{to or transfer.to}'>{payload}</iq>"

    def wire(self, sid, sender, target, n=0):
        """A connection to the proxy under that key, with n bytes right behind the handshake."""
        s = socket.create_connection(self.proxy)
        s.setblocking(False)
        s.send(b"\5\1\0\5\1\0\3\x28" + dst_addr(sid, sender, target).encode() + b"\0\0" + b"e" * n)
        self.wires = self.wires[-20:] + [s]
        return s

    # --- a sender
    def offer(self):
        x = self.client(self.rng.randrange(len(CLIENTS)))
        user, resource = self.rng.choice(CLIENTS)
        to = self.rng.choice([f"{user}@localhost/{resource}"] * 3 + [f"{user}@localhost", f"{user.upper()}@localhost/", "dave@localhost/r"])
        self.count += 1
        sid = self.rng.choice([f"s{self.count}", f"s{self.count}", f"s{max(self.count - 7, 1)}", "same"])
        methods = self.rng.choice([("ibb",), ("s5b",), ("s5b", "ibb"), ("s5b", "ibb")])
        transfer = Transfer(x, to, sid, self.rng.choice(SIZES), methods)
        options = "".join(f"<option><value>{NS[m]}</value></option>" for m in methods)
        range = self.rng.choice(["", "<range/>"])
        self.say(x, self.ask(transfer, "offer", f"<si xmlns='{NS['si']}' id='{sid}' profile='{NS['file']}'><file xmlns='{NS['file']}' name='f' "
                             f"size='{transfer.n}' hash='{md5(b'x' * transfer.n)}'>{range}</file><feature xmlns='{NS['feature']}'><x xmlns='jabber:x:data' "
                             f"type='form'><field var='stream-method' type='list-single'>{options}</field></x></feature></si>"))
        self.mine = self.mine[-12:] + [transfer]

    def begin(self, transfer, method):
        transfer.seq = 0
        if method == "ibb":
            block = self.rng.choice([4096, 4096, 65535, 30])
            return self.ask(transfer, "open", f"<open xmlns='{NS['ibb']}' block-size='{block}' sid='{transfer.sid}' stanza='iq'/>")
        host, port = self.proxy
        hosts = self.rng.choice([[("proxy.localhost", port)], [("proxy.localhost", port)], [(transfer.who.jid, 1), ("proxy.localhost", port)],
                                 [(transfer.who.jid, 1)]])
        hosts = "".join(f"<streamhost jid='{j}' host='{host}' port='{p}'/>" for j, p in hosts)
        return self.ask(transfer, "query", f"<query xmlns='{NS['s5b']}' sid='{transfer.sid}'>{hosts}</query>")

    def blocks(self, transfer, most=200):
        out, size = "", self.rng.choice([4000, 4096, 30])
        while transfer.seq * size < transfer.n and most > 0:
            n = min(size, transfer.n - transfer.seq * size)
            data = f"<data xmlns='{NS['ibb']}' sid='{transfer.sid}' seq='{transfer.seq}'>{base64.b64encode(b'x' * n).decode()}</data>"
            out += f"<message to='{transfer.to}'>{data}</message>" if self.rng.random() < 0.05 else self.ask(transfer, "data", data)
            transfer.seq, most = transfer.seq + 1, most - 1
        return out

    def close(self, transfer):
        return self.ask(transfer, "close", f"<close xmlns='{NS['ibb']}' sid='{transfer.sid}'/>")

    def activate(self, transfer):
        return self.ask(transfer, "activate", f"<query xmlns='{NS['s5b']}' sid='{transfer.sid}'><activate>{transfer.to}</activate></query>", "proxy.localhost")

    def connect(self, transfer):
        s = self.wire(transfer.sid, transfer.who.jid, transfer.to, self.rng.choice([0, 0, 0, 5, transfer.n]) if transfer.n < 80_000 else 0)
        transfer.wire = s

    def pour(self, transfer):
        wire, left = getattr(transfer, "wire", None), transfer.n
        try:
            while wire is not None and left > 0:
                left -= wire.send(b"x" * min(left, 60_000))
            if wire is not None and self.rng.random() < 0.6:
                self.rng.choice([wire.close, lambda: wire.shutdown(socket.SHUT_WR)])()
        except OSError:
            pass

    def answered(self, transfer, what, el):
        """What he does next; now and then something else."""
        x, error = transfer.who, el["type"] == "error"
        transfer.steps += 1
        if transfer.steps > 40 or self.rng.random() < 0.02:
            return
        if self.rng.random() < 0.05:
            what = self.rng.choice(["offer", "query", "open", "activate"])
        if what == "offer" and not error:
            self.say(x, self.begin(transfer, self.rng.choice(transfer.methods)))
        elif what == "query" and not error:
            self.connect(transfer)
            self.say(x, self.activate(transfer))
        elif what in ("query", "open") and error:
            self.say(x, self.begin(transfer, self.rng.choice(transfer.methods)) if self.rng.random() < 0.8 else "")
        elif what == "activate":
            if error and self.rng.random() < 0.5:
                self.connect(transfer)
                self.say(x, self.activate(transfer))
            self.pour(transfer)
            if self.rng.random() < 0.15:
                self.say(x, self.begin(transfer, "s5b"))
        elif what == "open":
            self.say(x, self.blocks(transfer), self.close(transfer) if self.rng.random() < 0.9 else "")
        elif what == "data" and error and self.rng.random() < 0.1:
            self.say(x, self.begin(transfer, "ibb"))

    # --- a receiver
    def decide(self, x, el):
        """The words that answer an iq."""
        head = f"id='{el['id']}' to='{el.get('from') or 'localhost'}'"
        result = f"<iq type='result' {head}/>"
        cond = self.rng.choice(CANNOT)
        error = f"<iq type='error' {head}><error type='cancel'><{cond} xmlns='{NS['stanzas']}'/></error></iq>"
        child = el.children[0] if el.children else None
        name = child.name if child is not None else ""
        if name == "si":
            values = [v.text for v in child.all("feature/x/field/option/value")] or ["x"]
            range = self.rng.choice(["", "", "", f"<file xmlns='{NS['file']}'><range offset='1'/></file>"])
            yes = (f"<iq type='result' {head}><si xmlns='{NS['si']}'>{range}<feature xmlns='{NS['feature']}'><x xmlns='jabber:x:data' type='submit'><field "
                   f"var='stream-method'><value>{self.rng.choice(values)}</value></field></x></feature></si></iq>")
            return self.rng.choice([yes, yes, yes, yes, error, result])
        if name == "query" and child.get("sid"):
            if el.get("from") and self.rng.random() < 0.8:
                self.wire(child["sid"], el["from"], el["to"])
            used = f"<iq type='result' {head}><query xmlns='{NS['s5b']}' sid='{esc(child['sid'])}'><streamhost-used jid='proxy.localhost'/></query></iq>"
            return self.rng.choice([used, used, used, error, error.replace(cond, "item-not-found"), result])
        if name == "close":
            return self.rng.choice([result, result, "", error])
        if name == "data" and self.rng.random() < 0.02:
            return result + f"<iq type='set' id='c' to='{el['from']}'><close xmlns='{NS['ibb']}' sid='{child['sid']}'/></iq>"
        return result if self.rng.random() < 0.97 else error

    def hear(self, i):
        x = self.clients[i]
        if x is None:
            return
        for el in [e for e in x.queue if e.name == "iq"]:
            if el["type"] in ("result", "error"):
                if el.get("id") in self.asked:
                    self.answered(*self.asked.pop(el["id"]), el)
                continue
            chance, words = self.rng.random(), self.decide(x, el)
            if chance < 0.9:
                self.say(x, words)
            elif chance < 0.97:
                self.late = self.late[-10:] + [(i, words)]
            if chance < 0.03:
                self.say(x, words)
        x.queue.clear()

    # --- a step
    def act(self):
        chance, rng = self.rng.random(), self.rng
        if chance < 0.3:
            self.offer()
        elif chance < 0.4 and self.late:
            i, words = self.late.pop(rng.randrange(len(self.late)))
            self.say(self.clients[i], words)
        elif chance < 0.5 and self.mine:
            transfer = rng.choice(self.mine)
            self.say(transfer.who, rng.choice([self.close, self.activate, lambda m: self.begin(m, rng.choice(["ibb", "s5b"])), lambda m: self.blocks(m, 3)])(transfer))
        elif chance < 0.53:
            x = self.client(rng.randrange(len(CLIENTS)))
            rng.choice([x.close, x.abort, lambda: self.say(x, "</stream:stream>"), lambda: self.say(x, "<presence type='unavailable'/>"),
                        lambda: self.client_again(x), lambda: setattr(x, "paused", True)])()
        elif chance < 0.55 and self.wires:
            rng.choice(self.wires).close()
        for s in self.wires:
            try:
                while rng.random() < 0.9 and s.recv(100_000):
                    pass
            except (OSError, ValueError):
                pass
        for i, x in enumerate(self.clients):
            if x is not None and x.paused and rng.random() < 0.2:
                x.paused = False
            self.hear(i)
        self.t.turn(rng.choice([0.001, 0.001, 0.02]))

    def client_again(self, x):
        """The same name from elsewhere: the first is replaced."""
        i = self.clients.index(x)
        self.clients[i] = None
        self.client(i)


def run(t):
    seed = t.seed()
    conf = {"limits.stall": "1s", "limits.handshake": "1s", "offers.answer_timeout": "2s", "limits.failed_logins": "1000", "log.level": "info",
            "limits.offers_per_user": "8", "limits.per_address": "0", "offers.copy": "on", "storage.inbox_quota": "20M"}
    ferry = t.ferry(users=["alice", "bob", "carol", "dave"], conf=conf)
    m = Monkey(t, ferry, random.Random(seed))
    end, lock = time.monotonic() + t.seconds(5), None
    while time.monotonic() < end:
        for _ in range(40):
            m.act()
            ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
        if lock is not None:
            lock.close()
            lock = None
        elif m.rng.random() < 0.1:
            lock = ferry.hold_index()
        elif m.rng.random() < 0.1:
            ferry.write_conf(**{"offers.copy": m.rng.choice(["on", "off"]), "storage.inbox_quota": m.rng.choice(["20M", "100K"])})
            ferry.signal(1)
    if lock is not None:
        lock.close()
    t.xmpp(ferry, "alice", resource="last").sync()
    for row in ferry.ctl("ls", "--json").objects:
        if row["state"] == "stored":
            eq(row["sha256"], sha256(b"x" * int(row["size"])), "bytes of a file")
    ferry.ctl("fsck")
    log = "\n".join(ferry.log)
    t.say(", ".join(f"{what}: {log.count(what)}" for what in (
        "offer asked", "offer routed", "offer accepted", "-> stored", "in-band fault", "relay begins", "relay failed", "offer timeout", "why=unreachable",
        "why=silent", "why=left", "why=offer", "late yes", "late no", "invite", "goes on without", "goes on offset")))
