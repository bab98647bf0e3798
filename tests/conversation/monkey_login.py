"""Whatever is said before a login, cut anywhere and left at any moment: the daemon lives, nobody is let in, and users log in after it.
`make monkey` plays longer."""
import base64
import random
import time

from talk import *

TIME_LIMIT = 900


def b64(text):
    return base64.b64encode(text.encode()).decode()


class Monkey:
    def __init__(self, t, ferry, rng):
        self.t, self.ferry, self.rng, self.wires = t, ferry, rng, []

    def word(self):
        r = self.rng
        user = r.choice(["alice", "bob", "nobody", "a" * 300, "", "Al\u00efce"])
        sasl = f"xmlns='{NS['sasl']}'"
        return r.choice([
            lambda: "<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' "
                    f"to='{r.choice(['localhost', 'localhost', 'x'])}'{r.choice(['', ' version=' + chr(39) + '1.0' + chr(39)])}>",
            lambda: f"<auth {sasl} mechanism='PLAIN'>{b64(chr(0) + user + chr(0) + 'wrong')}</auth>",
            lambda: f"<auth {sasl} mechanism='{r.choice(['SCRAM-SHA-1', 'SCRAM-SHA-256', 'X'])}'>{b64('n,,n=' + user + ',r=abc')}</auth>",
            lambda: f"<auth {sasl} mechanism='PLAIN'/>",
            lambda: f"<response {sasl}>{b64(r.choice(['c=biws,r=abc,p=AAAA', '', 'x' * 2000]))}</response>",
            lambda: f"<abort {sasl}/>",
            lambda: f"<iq type='get' id='1'><query xmlns='jabber:iq:auth'><username>{user}</username></query></iq>",
            lambda: f"<iq type='set' id='2'><query xmlns='jabber:iq:auth'><username>{user}</username><password>wrong</password>"
                    "<resource>r</resource></query></iq>",
            lambda: f"<iq type='set' id='3'><query xmlns='jabber:iq:auth'><username>{user}</username><digest>{'0' * 40}</digest>"
                    "<resource>r</resource></query></iq>",
            lambda: "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
            lambda: "<iq type='set' id='4'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>",
            lambda: "<enable xmlns='urn:xmpp:sm:3'/>", lambda: "<presence/>", lambda: "</stream:stream>", lambda: "<a><b>", lambda: " ",
            lambda: "\x16\x03\x01\x02\x00\x01",
        ])()

    def act(self):
        r = self.rng
        self.wires = [w for w in self.wires if w.open and not w.eof]
        if len(self.wires) < 10:
            w = self.t.dial(*self.ferry.address(r.choice(["xmpp", "xmpp", "xmpp_tls", "legacy", "legacy"])), name="m")
            w.quiet = True
            self.wires.append(w)
            text = "<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>"
            w.write(text if r.random() < 0.8 else self.word(), quiet=True)
        w = r.choice(self.wires)
        data = "".join(self.word() for _ in range(r.choice([1, 1, 2]))).encode()
        w.write(data[:r.randrange(len(data) + 1)] if r.random() < 0.05 else data, quiet=True)
        if r.random() < 0.1 and w.open:
            r.choice([w.close, w.abort, w.shut])()
        self.t.turn(0.001)
        for w in self.wires:
            ok(b"<success" not in w.inbuf and b"<jid>" not in w.inbuf, "somebody was let in")
            w.inbuf = w.inbuf[-200:]


def run(t):
    seed = t.seed()
    ferry = t.ferry(users=["alice", "bob"], conf={"xmpp.require_tls": "no", "xmpp.legacy_auth": "password,digest", "log.level": "info",
                                                  "limits.failed_logins": "500", "limits.handshake": "1s", "limits.unauthenticated": "2s"})
    m = Monkey(t, ferry, random.Random(seed))
    end = time.monotonic() + t.seconds(5)
    while time.monotonic() < end:
        for _ in range(100):
            m.act()
        ok(ferry.alive(), f"it died; MONKEY_SEED={seed}")
    for w in m.wires:
        w.close()
    log = "\n".join(ferry.log)
    t.say(f"failed {log.count('login-failed')}, accepted {log.count(' accepted ')}, stream errors {log.count('stream error')}")
    t.xmpp(ferry, "alice", source="127.0.0.2").sync()
