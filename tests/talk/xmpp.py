"""An XMPP client over a raw socket: every step of a login can be taken, left out or done wrongly by hand."""
import base64
import hashlib
import os
import xml.etree.ElementTree as ET

from .core import Failure, eq, short
from .files import FileActs
from .jingle import JingleActs
from .scram import Scram
from .stanza import El, NS, esc, matches
from .taking import TakingActs
from .wire import Wire, dial

STREAM = "{http://etherx.jabber.org/streams}stream"


class Xmpp(Wire, FileActs, JingleActs, TakingActs):
    def __init__(self, t, name, sock):
        super().__init__(t, name, sock)
        self.queue, self.stream_open, self.stream_closed, self.broken = [], False, False, None
        self.header, self.stream_id, self.features = None, None, None
        self.domain, self.user, self.resource, self.jid = "localhost", None, None, None
        self.auto_pong, self.auto_ack, self.sm_on, self.sm_in, self.sm_acked = True, True, False, 0, 0
        self.numbers, self.prefix = 0, os.urandom(3).hex()
        self._reset()

    def _reset(self):
        self.parser, self.root, self.depth = ET.XMLPullParser(("start", "end")), None, 0
        self.stream_open = self.stream_closed = False
        self.header = None

    # --- reading ------------------------------------------------------------------------------------------
    def on_data(self):
        data = bytes(self.inbuf)
        self.inbuf.clear()
        try:
            self.parser.feed(data)
            for event, el in self.parser.read_events():
                self._event(event, el)
        except ET.ParseError as e:
            self.broken = f"what the server sent is not well-formed: {e}"

    def _event(self, event, el):
        if event == "start":
            self.depth += 1
            if self.depth == 1:
                self.root, self.header, self.stream_open = el, El(el), True
                self.stream_id = el.get("id")
            return
        self.depth -= 1
        if self.depth == 0:
            self.stream_closed = True
        elif self.depth == 1:
            self.root.remove(el)
            el.tail = None
            self._stanza(El(el))

    def _stanza(self, el):
        if el.ns == NS["sm"]:
            if el.name == "enabled":
                self.sm_on, self.sm_in = True, 0
            if el.name == "r" and self.auto_ack:
                self.write(f"<a xmlns='urn:xmpp:sm:3' h='{self.sm_in}'/>")
                return
            if el.name == "a" and self.auto_ack:
                self.sm_acked = int(el["h"])
                return
        elif self.sm_on and el.name in ("message", "presence", "iq"):
            self.sm_in += 1
        if self.auto_pong and matches(el, "iq[@type='get']/{ping}ping"):
            to = f" to='{esc(el['from'])}'" if el.get("from") else ""
            self.write(f"<iq type='result' id='{esc(el['id'])}'{to}/>")
            return
        self.queue.append(el)

    def _gone(self):
        return self.broken or self.eof

    def _lost(self, what):
        if self.broken:
            raise Failure(f"{self.name}: {self.broken}")
        raise Failure(f"{self.name} waited for {what}, but the connection was closed" +
                      (f"; still here: {short([e.xml() for e in self.queue], 2000)}" if self.queue else ""))

    def next(self, what="a stanza", limit=None):
        """The next stanza, whatever it is."""
        self.t.pump(lambda: self.queue or self._gone(), f"{what} for {self.name}", limit)
        return self.queue.pop(0) if self.queue else self._lost(what)

    def expect(self, pattern="*", skip=("presence",), limit=None, where=None, **attrs):
        """The next stanza that is not skipped; fails if it is not the one described."""
        told = pattern + (f" {attrs}" if attrs else "")
        while True:
            el = self.next(told, limit)
            if matches(el, pattern, **attrs) and (where is None or where(el)):
                return el
            if not any(matches(el, s) for s in skip):
                raise Failure(f"{self.name} wanted {told}, got {short(el.xml(), 2000)}")

    def take(self, pattern="*", limit=None, where=None, **attrs):
        """Waits for a stanza that fits and takes it out of the order; what stands before it stays for later."""
        told = pattern + (f" {attrs}" if attrs else "")

        def look():
            for i, el in enumerate(self.queue):
                if matches(el, pattern, **attrs) and (where is None or where(el)):
                    return [self.queue.pop(i)]
            return self._gone()
        found = self.t.pump(look, f"{told} for {self.name}", limit)
        return found[0] if isinstance(found, list) else self._lost(told)

    def have(self, pattern="*", **attrs):
        """Stanzas already here that fit (none is taken)."""
        return [el for el in self.queue if matches(el, pattern, **attrs)]

    def expect_nothing(self, skip=("presence",)):
        """Nothing (but what is skipped) came before the answer to a ping sent now."""
        uid = self.id()
        self.write(f"<iq type='get' id='{uid}'><ping xmlns='urn:xmpp:ping'/></iq>")
        while True:
            el = self.next("the answer to its ping")
            if el.name == "iq" and el.get("id") == uid:
                return
            if not any(matches(el, s) for s in skip):
                raise Failure(f"{self.name} wanted nothing, got {short(el.xml(), 2000)}")

    def sync(self):
        """Until the server has handled all that was sent (a ping); nothing that came is lost."""
        uid = self.send_iq("get", "<ping xmlns='urn:xmpp:ping'/>")
        return self.take("iq", id=uid)

    # --- writing ------------------------------------------------------------------------------------------
    def send(self, xml):
        self.write(xml)
        return self

    def id(self):
        self.numbers += 1
        return f"{self.prefix}-{self.numbers}"

    def send_iq(self, kind, payload, to=None, id=None):
        """Sends an iq; returns its id."""
        uid = id or self.id()
        self.write(f"<iq type='{kind}' id='{esc(uid)}'" + (f" to='{esc(to)}'" if to is not None else "") +
                   f">{payload}</iq>")
        return uid

    def answer(self, uid, to=None, limit=None):
        """Waits for the result or error with this id (and from `to`, byte for byte, if it is given)."""
        el = self.take("iq", id=uid, where=lambda e: e.get("type") in ("result", "error"), limit=limit)
        if to is not None:
            eq(el.get("from"), to, "the answer's from")
        return el

    def iq_get(self, payload, to=None, limit=None):
        """Asks and returns the answer, result or error."""
        return self.answer(self.send_iq("get", payload, to), limit=limit)

    def iq_set(self, payload, to=None, limit=None):
        return self.answer(self.send_iq("set", payload, to), limit=limit)

    def message(self, to, body, type="chat", extra=""):
        self.write(f"<message to='{esc(to)}' type='{type}' id='{self.id()}'><body>{esc(body)}</body>{extra}</message>")

    def settled(self):
        """What has been said so far to who is away is stored: the answer to one more message comes behind it from the disk."""
        self.message("nobody@localhost", "behind it")
        self.expect("message[@type='error']", from_="nobody@localhost")

    def presence(self, priority=None, type=None, to=None, extra=""):
        self.write("<presence" + (f" type='{type}'" if type else "") + (f" to='{esc(to)}'" if to else "") + ">" +
                   (f"<priority>{priority}</priority>" if priority is not None else "") + extra + "</presence>")

    # --- the stream ---------------------------------------------------------------------------------------
    def open_stream(self, to=None, version="1.0", ns="jabber:client", extra="", wait=True, features=None):
        """Sends a stream header and waits for the server's (and its features, unless version is None)."""
        self._reset()
        to = self.domain if to is None else to
        self.write("<?xml version='1.0'?><stream:stream xmlns='" + ns + "' xmlns:stream='" + NS["stream"] + "'" +
                   (f" to='{esc(to)}'" if to else "") + (f" version='{version}'" if version else "") + extra + ">")
        if wait:
            self.t.pump(lambda: self.stream_open or self._gone(), f"the server's stream header for {self.name}")
            if not self.stream_open:
                self._lost("a stream header")
            if (version is not None) if features is None else features:
                self.features = self.expect("{stream}features")
        return self

    def starttls(self, context=None):
        """STARTTLS and the handshake; the new stream is not opened."""
        self.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        self.expect("{tls}proceed")
        self.start_tls(context, self.domain)
        return self

    def sasl(self, mech, user, password, scram=None):
        """One SASL exchange; returns the server's last element, success or failure. The stream is not reopened."""
        b64 = lambda text: base64.b64encode(text.encode()).decode() or "="
        if mech == "PLAIN":
            self.sasl_auth(mech, b64(f"\0{user}\0{password}"))
            return self.next("the result of PLAIN")
        scram = scram or Scram(mech, user, password)
        self.sasl_auth(mech, b64(scram.first()))
        el = self.next("a challenge")
        if not matches(el, "{sasl}challenge"):
            return el
        self.write(f"<response xmlns='{NS['sasl']}'>{b64(scram.final(base64.b64decode(el.text).decode()))}</response>")
        el = self.next("the result of SCRAM")
        if matches(el, "{sasl}challenge"):
            scram.verify(base64.b64decode(el.text).decode())
            self.write(f"<response xmlns='{NS['sasl']}'/>")
            el = self.next("the result of SCRAM")
        elif matches(el, "{sasl}success"):
            scram.verify(base64.b64decode(el.text).decode())
        return el

    def sasl_auth(self, mech, text=None):
        """Sends <auth/>; `text` is base64 already."""
        self.write(f"<auth xmlns='{NS['sasl']}' mechanism='{esc(mech)}'>{text or ''}</auth>")

    def bind(self, resource=None):
        """Binds; returns the answer. A result sets self.jid."""
        inner = f"<resource>{esc(resource)}</resource>" if resource else ""
        el = self.iq_set(f"<bind xmlns='{NS['bind']}'>{inner}</bind>")
        if el["type"] == "result":
            self.jid = el.find("bind/jid").text
            self.resource = self.jid.partition("/")[2]
        return el

    def auth_get(self, user=None):
        """jabber:iq:auth get; returns the answer (fields: {c.name for c in el.find('query').children})."""
        return self.iq_get("<query xmlns='jabber:iq:auth'>" + (f"<username>{esc(user)}</username>" if user else "") + "</query>")

    def auth_set(self, user, password=None, digest=None, resource="talk"):
        """jabber:iq:auth set with a password or a digest (True: computed from password and stream id)."""
        if digest is True:
            password, digest = None, hashlib.sha1((self.stream_id + password).encode()).hexdigest()
        part = lambda name, value: "" if value is None else f"<{name}>{esc(value)}</{name}>"
        return self.iq_set("<query xmlns='jabber:iq:auth'>" + part("username", user) + part("password", password) +
                           part("digest", digest) + part("resource", resource) + "</query>")

    def login(self, user, password, resource=None, tls="starttls", auth="SCRAM-SHA-256", version="1.0"):
        """From a fresh connection to a bound session. Fails if any step does."""
        self.user = user
        if auth.startswith("iq-"):
            self.open_stream(version=version)
            if tls == "starttls":
                self.starttls().open_stream(version=version)
            self.auth_get(user)
            resource = resource or "talk"
            el = self.auth_set(user, password, digest=True if auth == "iq-digest" else None, resource=resource)
            if el["type"] != "result":
                raise Failure(f"{self.name}: login refused: {el}")
            self.jid, self.resource = f"{user}@{self.domain}/{resource}", resource
            return self
        self.open_stream()
        if tls == "starttls":
            self.starttls().open_stream()
        el = self.sasl(auth, user, password)
        if not matches(el, "{sasl}success"):
            raise Failure(f"{self.name}: login refused: {el}")
        self.open_stream()
        el = self.bind(resource)
        if el["type"] != "result":
            raise Failure(f"{self.name}: bind refused: {el}")
        return self

    # --- endings ------------------------------------------------------------------------------------------
    def expect_stream_error(self, condition=None, skip=("presence",)):
        el = self.expect("{stream}error", skip=skip)
        if condition and el.find("{streams}" + condition) is None:
            raise Failure(f"{self.name} wanted stream error {condition}, got {el}")
        return el

    def expect_close(self, limit=None, tag=None):
        """The server closes the connection (tag=True: and has closed the stream properly before)."""
        self.expect_eof(limit)
        if tag and not self.stream_closed:
            raise Failure(f"{self.name}: the connection was closed without </stream:stream>")

    def end(self):
        """Closes the stream properly and waits until the server has closed, too."""
        self.write("</stream:stream>")
        self.expect_eof()
        self.close()

    # --- helpers over the basics --------------------------------------------------------------------------
    def roster(self):
        """{jid: item element}"""
        el = self.iq_get("<query xmlns='jabber:iq:roster'/>")
        return {i["jid"]: i for i in el.all("query/item")}

    def disco_info(self, to, node=None):
        """(set of 'category/type', set of features)"""
        el = self.iq_get(f"<query xmlns='{NS['disco']}'" + (f" node='{esc(node)}'" if node else "") + "/>", to)
        return ({f"{i['category']}/{i['type']}" for i in el.all("query/identity")},
                {f["var"] for f in el.all("query/feature")})

    def disco_items(self, to):
        return [i["jid"] for i in self.iq_get(f"<query xmlns='{NS['items']}'/>", to).all("query/item")]

    def befriend(self, other):
        """Both see each other's presence (both must be online)."""
        a, b = self.bare, other.bare
        other.roster()  # only who asked for the roster is told of changes
        if b in (mine := self.roster()) and mine[b].get("subscription") == "both":
            return
        self.presence(type="subscribe", to=b)
        other.expect("presence[@type='subscribe']", skip=("*",))
        other.presence(type="subscribed", to=a)
        other.presence(type="subscribe", to=a)
        self.expect("presence[@type='subscribe']", skip=("*",))
        self.presence(type="subscribed", to=b)
        other.expect("presence[@type='subscribed']", skip=("*",))
        self.sync(), other.sync()
        for one in (self, other):
            one.queue[:] = [e for e in one.queue if not (e.name == "presence" or matches(e, "iq/{roster}query"))]

    @property
    def bare(self):
        return self.jid.partition("/")[0]

    def sm_enable(self, resume=False):
        """XEP-0198 on; `r` is answered by itself unless auto_ack is False (then send sm_ack yourself)."""
        self.write(f"<enable xmlns='urn:xmpp:sm:3'{' resume=' + chr(39) + 'true' + chr(39) if resume else ''}/>")
        return self.take("{sm}enabled")  # words to who had this name before may come first

    def sm_request(self):
        """Asks how many stanzas the server has handled; returns h."""
        keep, self.auto_ack = self.auto_ack, False
        self.write("<r xmlns='urn:xmpp:sm:3'/>")
        el = self.take("{sm}a")
        self.auto_ack = keep
        return int(el["h"])

    def sm_ack(self, h=None):
        self.write(f"<a xmlns='urn:xmpp:sm:3' h='{self.sm_in if h is None else h}'/>")


def connect(t, ferry, name="client", tls=None, listener=None, source=None, domain="localhost", rcvbuf=None):
    """A connected wire, nothing sent; tls="direct": after the TLS handshake."""
    listener = listener or ("xmpp_tls" if tls == "direct" else "xmpp")
    x = dial(t, name, *ferry.address(listener), kind=Xmpp, source=source, rcvbuf=rcvbuf)
    x.ferry, x.domain = ferry, domain
    if tls == "direct":
        x.start_tls(name=domain)
    return x


def befriended(t, ferry, *users):
    """The first is in everybody's roster and all are in his; nobody is logged in any more."""
    xs = [xmpp(t, ferry, user) for user in users]
    for other in xs[1:]:
        xs[0].befriend(other)
    for x in xs:
        x.end()


def xmpp(t, ferry, user=None, resource=None, tls="starttls", auth="SCRAM-SHA-256", presence=True, priority=None,
         password=None, listener=None, name=None, source=None, version=None, domain=None, rcvbuf=None, sm=False,
         auto_ack=True, auto_pong=True, able=()):
    """See talk.__init__."""
    if user is None:
        return connect(t, ferry, name or "client", "direct" if tls == "direct" else None, listener, source,
                       domain or "localhost", rcvbuf)
    local, _, host = user.partition("@")
    legacy = auth.startswith("iq-") and tls is None
    listener = listener or ("legacy" if legacy else None)
    x = connect(t, ferry, name or (f"{local}/{resource}" if resource else local), tls, listener, source, domain or host or "localhost", rcvbuf)
    x.auto_ack, x.auto_pong = auto_ack, auto_pong
    x.login(local, ferry.password(user) if password is None else password, resource, tls, auth,
            version or (None if listener == "legacy" else "1.0"))
    if sm:
        x.sm_enable()
    if able:
        x.able(*able, priority=priority)
    elif presence:
        x.presence(priority)
        x.sync()
        x.queue[:] = [e for e in x.queue if not matches(e, "presence", from_=x.jid)]
    return x
