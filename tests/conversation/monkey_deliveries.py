"""Whatever a receiver does with the files that are brought to him by Jingle, stream initiation and jabber:iq:oob (answers, twice, late, from
his other resource, refuses, accepts, connects, confirms, blocks, changes what his client can and what he prefers, leaves, all in any
order), and whatever becomes of the files and of the daemon's configuration meanwhile: the daemon lives, nobody hears the same twice in one
session, and when he behaves in the end, each file that is left and that he was not told of reaches him once. `make monkey` plays longer."""
import base64
import os
import random
import time

from talk import *

TIME_LIMIT = 900
REASONS = ("success", "decline", "cancel", "busy", "timeout", "failed-transport", "unsupported-applications", "media-error", "gone", "")
CAPS, COMMANDS = "http://jabber.org/protocol/caps", "http://jabber.org/protocol/commands"
BLOCK = "<{0} xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></{0}>"


class Receiver:
    user = "bob"

    def __init__(self, t, ferry, rng, resource):
        self.t, self.ferry, self.rng, self.x, self.wires = t, ferry, rng, None, []
        self.resource, self.old, self.told, self.sure = resource, [], [], 0.8
        self.sessions, self.offers = [], []

    def come(self):
        if self.x is not None and not self.x.eof and self.x.open:
            return
        self.x = self.t.xmpp(self.ferry, self.user, resource=self.resource, tls=None, auth="iq-password", presence=False, sm=False)
        self.x.auto_pong = self.rng.random() < self.sure
        if self.rng.random() < 0.3:
            self.x.sm_enable()
            self.x.auto_ack = self.rng.random() < self.sure
        self.sessions, self.offers, self.told = [], [], []
        self.show()

    def show(self):
        """What his client can: told, not told, or a lie."""
        features = self.rng.choice([("jft5", "js5b", "jibb", "si"), ("jft5", "jibb"), (NS["jft"] + "4", "js5b"), ("jft5", f"x{self.rng.randrange(99)}"), (), None])
        if features:
            self.x.able(*features)
        elif features is None:
            ver = base64.b64encode(self.rng.randbytes(20)).decode()
            self.x.presence(extra=f"<c xmlns='{CAPS}' hash='{self.rng.choice(['sha-1', 'sha-1', 'md5'])}' node='x{self.rng.randrange(3)}' ver='{ver}'/>")
        else:
            self.x.presence()

    def say(self, to, payload, kind="set"):
        self.x.write(f"<iq type='{kind}' id='m{self.rng.randrange(1000)}' to='{esc(to)}'>{payload}</iq>")

    def answer(self, el):
        word = self.rng.random()
        if word < 0.75:
            offer = el.find("{si}si")
            self.x.result(el, "" if offer is None else
                          f"<si xmlns='{NS['si']}'><feature xmlns='{NS['feature']}'><x xmlns='jabber:x:data' type='submit'><field var='stream-method'><value>"
                          f"{self.rng.choice([NS['ibb'], NS['s5b'], 'jabber:iq:oob', 'x'])}</value></field></x></feature></si>")
        elif word < 0.95:
            self.x.send_error(el, self.rng.choice(["forbidden", "item-not-found", "service-unavailable", "not-acceptable", "resource-constraint",
                                                   "bad-request", "unexpected-request"]))

    def read(self):
        """What came: answered somehow, and remembered."""
        for el in list(self.x.queue):
            self.x.queue.remove(el)
            if el.name == "message" and el.get("id", "").startswith("ferry-"):
                ok(el["id"] not in self.told, f"{el['id']} came twice to {self.x.jid}")
                self.told.append(el["id"])
                if self.rng.random() < 0.1:
                    self.x.write(f"<message type='error' id='{el['id']}' to='{esc(el['from'])}'><error type='cancel'/></message>")
            if el.name != "iq" or el.get("type") not in ("get", "set"):
                continue
            self.old = self.old[-20:] + [el]
            if el["type"] == "get":
                self.disco(el)
                continue
            if self.rng.random() < 0.02:
                self.again()
            jingle = el.find("{jingle}jingle")
            if jingle is not None and jingle["action"] == "session-initiate":
                content = jingle.find("content")
                self.sessions.append((el["from"], jingle["sid"], content["name"], content.children[0].ns, el))
            host = el.find("{s5b}query/streamhost")
            if host is not None and self.rng.random() < 0.7:
                self.connect(host, dst_addr(el.find("{s5b}query")["sid"], el["from"], el["to"]))
                self.x.result(el, f"<query xmlns='{NS['s5b']}'><streamhost-used jid='{host['jid']}'/></query>")
                continue
            self.answer(el)
            if jingle is not None:
                self.go_along(el, jingle)

    def disco(self, el):
        word, query = self.rng.random(), el.find("query")
        if query is None or word < 0.3:
            return
        if word < 0.5:
            self.x.send_error(el, "service-unavailable")
        else:
            n = 2500 if word > 0.95 else 3
            same = self.rng.choice(["<feature var='a'/>", "<feature/>", "<identity/>", "<x xmlns='jabber:x:data'><field var='FORM_TYPE'><value>a</value></field></x>", ""])
            self.x.result(el, f"<query xmlns='{NS['disco']}'>" + "".join(f"<feature var='f{i}'/>" for i in range(n)) + same + same + "</query>")

    def again(self):
        """An answer for the second time, or late, or to what the other resource was asked, or none that one could understand."""
        if not self.old:
            return
        el, x = self.rng.choice(self.old), self.rng.choice([b.x for b in self.all if b.x is not None and b.x.open and not b.x.eof])
        inner = self.rng.choice(["", f"<si xmlns='{NS['si']}'/>", f"<query xmlns='{NS['s5b']}'><streamhost-used jid='proxy.localhost'/></query>", "<error/>", "<x/><y/>"])
        ident = f" id='{el['id']}'" if self.rng.random() < 0.9 else ""
        to = f" to='{esc(el['from'])}'" if el.get("from") and self.rng.random() < 0.7 else ""
        x.write(f"<iq type='{self.rng.choice(['result', 'result', 'error', 'set', 'x'])}'{ident}{to}>{inner}</iq>")

    def choose(self, ids):
        """By words and commands of the service."""
        ident = self.rng.choice(ids)[:self.rng.choice([5, 6, 8, 38])] if ids else "x"
        word = self.rng.choice(["deliver link", "deliver transfer", "deliver both", "mute", "unmute", "takeover on", "takeover off", "accept any",
                                f"delete {ident}", f"extend {ident} 60d", "list", "quota"])
        if self.rng.random() < 0.5:
            self.x.message("upload.localhost", word)
        else:
            node, _, value = word.partition(" ")
            self.say("upload.localhost", f"<command xmlns='{COMMANDS}' node='{node}' action='execute'/>")
            if value:
                self.say("upload.localhost", f"<command xmlns='{COMMANDS}' node='{node}' sessionid='{self.rng.randrange(9)}' action='{self.rng.choice(['prev', 'next', 'complete', 'cancel'])}'>"
                         f"<x xmlns='jabber:x:data' type='submit'><field var='how'><value>{value}</value></field></x></command>")

    def go_along(self, el, jingle):
        """As a client would, often."""
        action, content = jingle["action"], jingle.find("content")
        if self.rng.random() < 0.35 or action not in ("session-initiate", "transport-replace"):
            return
        transport = [c for c in content.children if c.name == "transport"][0]
        told = f"<transport xmlns='{transport.ns}' sid='{transport['sid']}' block-size='4096'/>"
        app = content.children[0].ns
        inner = f"<description xmlns='{app}'><file/></description>" if action == "session-initiate" else ""
        self.say(el["from"], f"<jingle xmlns='{NS['jingle']}' action='{'session-accept' if inner else 'transport-accept'}' sid='{jingle['sid']}'>"
                 f"<content creator='initiator' name='{content['name']}'>{inner}{told}</content></jingle>")
        candidate = transport.find("candidate")
        if candidate is None:
            return
        if self.rng.random() < 0.6:
            self.connect(candidate, transport["dstaddr"])
        word = self.rng.choice(["candidate-error", "candidate-used", "candidate-used", "candidate-used"])
        self.say(el["from"], f"<jingle xmlns='{NS['jingle']}' action='transport-info' sid='{jingle['sid']}'><content creator='initiator' name='x'>"
                 f"<transport xmlns='{transport.ns}' sid='{transport['sid']}'><{word} cid='proxy'/></transport></content></jingle>")

    def connect(self, host, key):
        w = self.t.dial(host["host"], int(host["port"]))
        w.quiet, w.paused = True, self.rng.random() < 0.2
        w.write(b"\x05\x01\x00\x05\x01\x00\x03\x28" + key.encode() + b"\0\0")
        self.wires.append(w)
        self.x.sync()

    def session(self):
        """A word in one of the last sessions."""
        if not self.sessions:
            return
        to, sid, content, app, el = self.rng.choice(self.sessions[-3:])
        action = self.rng.choice(["session-accept"] * 6 + ["session-terminate"] * 2 + ["session-info", "transport-info", "transport-info", "transport-info",
                                                        "transport-accept", "transport-accept", "transport-reject", "transport-replace", "content-remove", "nonsense"])
        kind = self.rng.choice(["js5b", "jibb"])
        if action == "session-accept" and self.rng.random() < 0.8:
            kind = "js5b" if el.find(f"{{jingle}}jingle/content/{{{NS['js5b']}}}transport") is not None else "jibb"
        word = self.rng.choice(["<candidate-used cid='proxy'/>", "<candidate-used cid='x'/>", "<candidate-error/>", "<proxy-error/>", ""])
        transport = (f"<transport xmlns='{NS[kind]}' sid='{self.rng.choice([sid, sid, 'x', 'None'])}' block-size='{self.rng.choice([1, 300, 4096, 65535, 70000])}'>"
                     f"{word if action == 'transport-info' else ''}</transport>")
        size = self.rng.choice(["", "<range/>", "<range offset='0'/>", "<range offset='100' length='77'/>", "<range offset='99999999'/>", "<range length='-1'/>"])
        inner = f"<content creator='initiator' name='{content}'><description xmlns='{app}'><file>{size}</file></description>{transport}</content>"
        if action == "session-terminate":
            reason = self.rng.choice(REASONS)
            inner = f"<reason><{reason}/></reason>" if reason else ""
        elif action == "session-info":
            inner = self.rng.choice(["", f"<received xmlns='{app}'/>", "<other xmlns='x'/>"])
        candidate = el.find(f"{{jingle}}jingle/content/{{{NS['js5b']}}}transport/candidate")
        if action == "transport-info" and "proxy'" in word and candidate is not None and self.rng.random() < 0.8:
            self.connect(candidate, el.find(f"{{jingle}}jingle/content/{{{NS['js5b']}}}transport")["dstaddr"])
        self.say(to, f"<jingle xmlns='{NS['jingle']}' action='{action}' sid='{sid}'>{inner}</jingle>")

    def act(self):
        self.come()
        what = self.rng.random()
        if what < 0.25:
            self.session()
        elif what < 0.28 and self.sessions:
            self.say(self.sessions[-1][0], f"<close xmlns='{NS['ibb']}' sid='{self.sessions[-1][1]}'/>")
        elif what < 0.31:
            self.x.iq_set(BLOCK.format(self.rng.choice(["block", "unblock"])))
        elif what < 0.32:
            self.x.presence(priority=self.rng.choice([-1, 0, 5]))
        elif what < 0.33:
            self.show()
        elif what < 0.35:
            self.again()
        elif what < 0.36:
            self.choose(self.ids)
        elif what < 0.365:
            self.x.presence(type="unavailable")
            self.x.iq_set(BLOCK.format("block"))
        elif what < 0.38:
            self.rng.choice([self.x.abort, self.x.close, self.x.end, str])()  # or he comes again under the same name, and this one is replaced
            self.x = None
            return
        elif what < 0.44 and self.wires:
            w = self.wires.pop(self.rng.randrange(len(self.wires)))
            self.rng.choice([w.close, w.abort])()
        self.x.sync()
        self.read()


class Sender(Receiver):
    """Who hears what became of his files."""
    user = "alice"

    def act(self):
        self.come()
        what = self.rng.random()
        if what < 0.1:
            self.rng.choice([self.x.abort, self.x.end, str])()
            self.x = None
            return
        if what < 0.2:
            self.choose(self.ids)
        elif what < 0.25:
            self.show()
        self.x.sync()
        self.read()


def run(t):
    seed = t.seed()
    rng = random.Random(seed)
    ferry = t.ferry(users=[user("alice", legacy=True), user("bob", legacy=True)],
                    conf={"offers.delivery": "transfer", "offers.answer_timeout": "3s", "limits.stall": "1s", "limits.per_address": 0})
    sizes = {f"{i}": rng.choice([0, 1, 4096, 65536, 65537, 300_000, 3_000_000]) for i in range(8)}
    ids = []

    def send(name):
        out = ferry.ctl("send", "--from", "alice@localhost", t.write(name, os.urandom(sizes[name])), "bob@localhost", "--json", code=None)
        if out.code == 0:
            ids.append(out.objects[0]["get"].split("/")[4])

    both = [Receiver(t, ferry, rng, "here"), Receiver(t, ferry, rng, "there")]
    alice = Sender(t, ferry, rng, "home")
    for one in [*both, alice]:
        one.all, one.ids = [*both, alice], ids
    seconds = t.seconds(12)
    until, lock = time.monotonic() + seconds, None
    send("0")
    while time.monotonic() < until:
        if lock:
            lock.close()
        lock = None
        if seconds > 30 and rng.random() < 0.05:  # another program holds the index, for longer than anybody waits for it
            lock = ferry.hold_index()
            for _ in range(3):
                both[rng.random() < 0.3].act()
        if int(ferry.ctl("status").dict["outbox"]) < 6:
            send(rng.choice(list(sizes)))
        if rng.random() < 0.1:
            ferry.ctl("rm", rng.choice(ids), code=None)
        if rng.random() < 0.1:
            ferry.ctl("user", "set", "bob@localhost", "delivery", rng.choice(["link", "transfer", "both"]), code=None)
        if rng.random() < 0.05:
            ferry.ctl("extend", rng.choice(ids), "1s", code=None)
        if rng.random() < 0.1:
            t.get(ferry.url(f"/f/{rng.choice(ids)}/x"))
        if rng.random() < 0.05:
            ferry.write_conf(**{"offers.filebox": rng.choice(["on", "off"]), "offers.takeover": rng.choice(["on", "off"]), "offers.delivery": rng.choice(["transfer", "both"])})
            ferry.reload()
        if rng.random() < 0.3:
            alice.act()
        for _ in range(12):
            both[rng.random() < 0.3].act()
        ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
    if lock:
        lock.close()
    for b in both:
        b.come()
        b.x.iq_set(BLOCK.format("unblock"))
    for b in [*both, alice]:
        if b.x is not None:
            b.x.abort()
        for w in b.wires:
            w.close()
    ferry.ctl("user", "set", "bob@localhost", "delivery", "link")
    soon = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
    t.pump(lambda: not [o for o in ferry.ctl("ls", "--json").objects if o["expires"] < soon and o["state"] == "stored"], "the short-lived to go", limit=90)
    waiting = {o["id"] for o in ferry.ctl("ls", "--json").objects if o["state"] == "stored" and o["told"] == "waiting"}
    bob = t.xmpp(ferry, "bob", tls=None, auth="iq-password")
    told = []
    while len(told) < len(waiting):
        told.append(link_of(bob.take("message/{oob}x")).split("/f/")[1].split("/")[0])
    ok(waiting <= set(told) and len(told) == len(set(told)), f"told {told}, waiting {waiting}")
    last = t.xmpp(ferry, "alice", tls=None, auth="iq-password")
    t.pump(lambda: ferry.ctl("status").dict["outbox"] == "0", "an empty outbox")
    bob.expect_nothing()
    heard = [el["id"] for el in last.have("message")]
    eq(sorted(heard), sorted(set(heard)))
    ferry.ctl("fsck")
    log = "\n".join(ferry.log)
    t.say(", ".join(f"{what}: {log.count(what)}" for what in ("jingle-out completed", "jingle-out declined", "jingle-out failed", "jingle-out gone",
          "jingle-out cannot", "jingle-out receiver left", "outgoing completed", "delivery completed", "delivery declined", "delivery cannot", "delivery gone")))
