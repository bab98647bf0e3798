"""Clients that show what they can (XEP-0115), and take files by Jingle."""
import base64
import hashlib

from .core import Failure, eq
from .files import dst_addr
from .jingle import SessionIn, transport_xml
from .stanza import NS, esc

CAPS_NODE = "http://client.test/"


class Taking(SessionIn):
    """A session-initiate that came, answered by a result: beside SessionIn's .name .size .sum (base64 or None) .candidates."""

    def __init__(self, xmpp, el):
        super().__init__(xmpp, el)
        self.file = el.find(f"{{jingle}}jingle/content/{{{self.app}}}description/file")
        self.name, self.size = self.file.text_of("name"), int(self.file.text_of("size"))
        self.candidates = el.all(f"{{jingle}}jingle/content/{{{NS['js5b']}}}transport/candidate")
        self.block = 4096
        xmpp.result(el)

    def wrap(self, inner):
        return f"<content creator='initiator' name='{esc(self.content)}'>{inner}</content>"

    def must(self, action, inner=""):
        """As say(), which must be answered by a result."""
        eq(self.say(action, inner)["type"], "result", f"answer to {action}")

    def accept(self, range="", block=None, method=None, candidates=""):
        self.block = block or self.block
        self.must("session-accept", self.wrap(
            f"<description xmlns='{self.app}'><file><size>{self.size}</size>{range}</file></description>" +
            transport_xml(method or self.method, self.stream, candidates, self.block)))

    def next(self, action):
        """The next action of the initiator, which is answered by a result; its <jingle/>."""
        el = self.xmpp.take("iq[@type='set']/{jingle}jingle", from_=self.sender, where=lambda e: e.find("{jingle}jingle")["sid"] == self.sid)
        jingle = el.find("{jingle}jingle")
        eq(jingle["action"], action, f"action of {el}")
        self.xmpp.result(el)
        return jingle

    def info(self, inner):
        """transport-info about the bytestream."""
        self.must("transport-info", self.wrap(transport_xml("s5b", self.stream, inner)))

    def informed(self, word):
        """transport-info of the initiator with that word."""
        jingle = self.next("transport-info")
        el = jingle.find(f"content/{{{NS['js5b']}}}transport/{word}")
        if el is None:
            raise Failure(f"no {word} in {jingle.xml()}")
        return el

    def connect(self, used=True):
        """To the proxy that was offered, under its dstaddr; says so and waits for the activation. The wire."""
        one = self.candidates[0]
        transport = self.el.find(f"{{jingle}}jingle/content/{{{NS['js5b']}}}transport")
        eq(transport["dstaddr"], dst_addr(self.stream, self.sender, self.to))
        wire = self.xmpp.t.socks(one["host"], int(one["port"]), transport["dstaddr"], name=self.xmpp.name + "-js5b")
        self.informed("candidate-error")
        if used:
            self.info(f"<candidate-used cid='{esc(one['cid'])}'/>")
            eq(self.informed("activated")["cid"], one["cid"])
        return wire

    def replaced(self, answer="transport-accept", block=None):
        """Takes (or rejects) the in-band transport that is proposed instead."""
        transport = self.next("transport-replace").find(f"content/{{{NS['jibb']}}}transport")
        self.stream, self.method = transport["sid"], "ibb"
        self.must(answer, self.wrap(transport_xml("ibb", self.stream, block=block or int(transport["block-size"]))))

    def bytes_in_band(self, size=None):
        return self.xmpp.ibb_receive(self.sender, self.stream, size=self.size if size is None else size)

    def received(self):
        self.must("session-info", f"<received xmlns='{self.app}' creator='initiator' name='{esc(self.content)}'/>")

    def receive(self):
        """Takes the file as it is offered, and says <received/>: its bytes."""
        self.accept()
        if self.method == "ibb":
            data = self.bytes_in_band()
        else:
            wire = self.connect()
            wire.quiet = self.size > 65536
            data = wire.need(self.size)
            wire.close()
        self.received()
        self.ended("success")
        return data

    def ended(self, reason):
        words = self.next("session-terminate").find("reason")
        eq([c.name for c in words.children if c.name != "text"], [reason])


class TakingActs:
    """Mixed into the client actor."""

    def able(self, *features, priority=None):
        """Presence with capabilities (short names of NS), which are told when asked for."""
        names = sorted([NS["disco"]] + [NS.get(f, f) for f in features])
        text = "client/pc//Test<" + "".join(f + "<" for f in names)
        ver = base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()
        self.presence(priority, extra=f"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{CAPS_NODE}' ver='{ver}'/>")
        self.sync()
        for el in self.have("iq[@type='get']/{disco}query"):
            if el.find("query").get("node") == f"{CAPS_NODE}#{ver}":
                self.queue.remove(el)
                self.result(el, f"<query xmlns='{NS['disco']}' node='{CAPS_NODE}#{ver}'><identity category='client' type='pc' name='Test'/>" +
                            "".join(f"<feature var='{f}'/>" for f in names) + "</query>")
                self.sync()  # who comes on another connection finds it known

    def expect_session(self, limit=None):
        """Waits for a session-initiate, and answers it by a result."""
        return Taking(self, self.take("iq[@type='set']/{jingle}jingle[@action='session-initiate']", limit=limit))
