"""Files by Jingle (XEP-0166, 0234, 0260, 0261, 0300), both sides by hand."""
import base64
import hashlib
import os

from .core import Failure, eq
from .stanza import NS, esc, expect_error

STREAMS = {"ibb": NS["jibb"], "s5b": NS["js5b"]}


def sum_xml(data, algo="sha-256"):
    """<hash/> of data; data None: <hash-used/>."""
    if data is None:
        return f"<hash-used xmlns='{NS['hashes']}' algo='{algo}'/>"
    names = {"sha3-256": "sha3_256", "sha3-512": "sha3_512", "blake2b-512": "blake2b"}
    value = base64.b64encode(hashlib.new(names.get(algo, algo.replace("-", "")), data).digest()).decode()
    return f"<hash xmlns='{NS['hashes']}' algo='{algo}'>{value}</hash>"


def candidate(jid, host, port, cid="c1", priority=8257536, kind="direct"):
    return (f"<candidate cid='{esc(cid)}' jid='{esc(jid)}' host='{esc(host)}' port='{port}' priority='{priority}' "
            f"type='{kind}'/>")


def transport_xml(method, sid, inner="", block=4096, dstaddr=None):
    extra = f" block-size='{block}'" if method == "ibb" and block is not None else " mode='tcp'" if method == "s5b" else ""
    extra += f" dstaddr='{dstaddr}'" if dstaddr else ""
    return f"<transport xmlns='{STREAMS.get(method, method)}'{extra} sid='{esc(sid)}'>{inner}</transport>"


class Session:
    """A session that was begun: .sid, .stream (the transport's sid), .uid (of the session-initiate), .to; .range: the <range/> of
    the session-accept."""

    def __init__(self, xmpp, to, sid, stream, method, version):
        self.xmpp, self.to, self.sid, self.stream, self.method = xmpp, to, sid, stream, method
        self.app, self.uid, self.content = NS["jft"] + str(version), None, "a-file-offer"
        self.size, self.range = None, None

    # --- words ---
    def say(self, action, inner="", wait=True):
        """An action of the initiator; its answer (wait=False: the iq's id)."""
        uid = self.xmpp.send_iq("set", f"<jingle xmlns='{NS['jingle']}' action='{action}' initiator='{esc(self.xmpp.jid)}' "
                                f"sid='{esc(self.sid)}'>{inner}</jingle>", self.to)
        return self.xmpp.answer(uid, self.to) if wait else uid

    def wrap(self, inner):
        return f"<content creator='initiator' name='{self.content}' senders='initiator'>{inner}</content>"

    def transport_info(self, inner):
        """candidate-used, candidate-error, activated, proxy-error: must be answered by a result."""
        el = self.say("transport-info", self.wrap(transport_xml("s5b", self.stream, inner)))
        eq(el["type"], "result", "answer to transport-info")

    def replace(self, method, stream, inner="", block=4096):
        """transport-replace, which must be accepted."""
        el = self.say("transport-replace", self.wrap(transport_xml(method, stream, inner, block)))
        eq(el["type"], "result", "answer to transport-replace")
        self.stream, self.method = stream, method
        el = self.expect("transport-accept")
        transport = el.find(f"{{jingle}}jingle/content/{{{STREAMS[method]}}}transport")
        eq(transport["sid"], stream)
        return transport

    def checksum(self, data, algo="sha-256"):
        el = self.say("session-info", f"<checksum xmlns='{self.app}' creator='initiator' name='{self.content}'>"
                      f"<file>{sum_xml(data, algo)}</file></checksum>")
        eq(el["type"], "result", "answer to the checksum")

    def terminate(self, reason="cancel", wait=True):
        return self.say("session-terminate", f"<reason><{reason}/></reason>", wait)

    # --- what comes ---
    def answer(self):
        """The answer to the session-initiate, from the address asked."""
        return self.xmpp.answer(self.uid, to=self.to)

    def refused(self, condition, type=None, code=None, app=None):
        return expect_error(self.answer(), condition, type, code, app)

    def expect(self, action, answer=True, limit=None):
        """The next iq of the session with that action, which is answered by a result."""
        el = self.xmpp.take("iq[@type='set']/{jingle}jingle", from_=self.to, limit=limit,
                            where=lambda e: e.find("{jingle}jingle")["sid"] == self.sid)
        eq(el.find("{jingle}jingle")["action"], action, f"action of {el}")
        if answer:
            self.xmpp.result(el)
        return el

    def accepted(self):
        """The result and the session-accept; returns its <transport/>."""
        el = self.answer()
        if el["type"] != "result":
            raise Failure(f"the session was refused: {el}")
        el = self.expect("session-accept")
        jingle = el.find("{jingle}jingle")
        eq(jingle["responder"], self.to)
        content = jingle.find("content")
        eq((content["creator"], content["name"], content["senders"]), ("initiator", self.content, "initiator"))
        file = content.find(f"{{{self.app}}}description/file")
        if file is None:
            raise Failure(f"no description of the file in {el}")
        size, self.range = file.find("size"), file.find("range")
        eq(size and size.text, None if self.size is None else str(self.size), "size in the session-accept")
        transport = content.find(f"{{{STREAMS[self.method]}}}transport")
        if transport is None or transport["sid"] != self.stream:
            raise Failure(f"not the transport that was offered: {el}")
        return transport

    def ended(self, reason, app=None):
        """session-terminate with that reason."""
        el = self.expect("session-terminate")
        words = el.find("{jingle}jingle/reason")
        eq([c.name for c in words.children if c.name != "text"][0], reason, f"reason of {el}")
        if app and words.find(app) is None:
            raise Failure(f"no {app} in {el}")
        return el

    def turned_down(self, reason, app=None):
        """The session-initiate is answered by a result, and behind it the session is ended."""
        eq(self.answer()["type"], "result", "answer to the session-initiate")
        return self.ended(reason, app)

    def succeeded(self):
        """<received/>, then success."""
        el = self.expect("session-info")
        received = el.find(f"{{jingle}}jingle/{{{self.app}}}received")
        if received is None:
            raise Failure(f"no received in {el}")
        eq((received["creator"], received["name"]), ("initiator", self.content))
        self.ended("success")


class SessionIn:
    """A session that somebody else began: .sid, .stream, .el (the session-initiate, not yet answered), .sender, .to."""

    def __init__(self, xmpp, el):
        self.xmpp, self.el, self.sender, self.to = xmpp, el, el["from"], el["to"]
        jingle = el.find("{jingle}jingle")
        self.sid, content = jingle["sid"], jingle.find("content")
        self.content, self.app = content["name"], content.children[0].ns
        self.method, self.stream = next((m, c["sid"]) for c in content.children for m, ns in STREAMS.items() if c.ns == ns)

    def say(self, action, inner="", wait=True):
        """An action of the responder; its answer (wait=False: the iq's id)."""
        uid = self.xmpp.send_iq("set", f"<jingle xmlns='{NS['jingle']}' action='{action}' initiator='{esc(self.sender)}' "
                                f"sid='{esc(self.sid)}'>{inner}</jingle>", self.sender)
        return self.xmpp.answer(uid, self.sender) if wait else uid

    def wrap(self, inner):
        return f"<content creator='initiator' name='{self.content}' senders='initiator'>{inner}</content>"

    def accept(self, block=4096, file="<size>1</size>", candidates=""):
        """session-accept, not waited for."""
        return self.say("session-accept", self.wrap(f"<description xmlns='{self.app}'><file>{file}</file></description>"
                                                    f"{transport_xml(self.method, self.stream, candidates, block)}"), wait=False)

    def accepted(self, j, **options):
        """The session-initiate is answered, the session accepted; all of it reaches the sender's j."""
        self.xmpp.result(self.el)
        eq(j.answer()["type"], "result")
        said = self.accept(**options)
        j.expect("session-accept")
        eq(self.xmpp.answer(said, self.sender)["type"], "result")

    def transport_info(self, inner):
        """Not waited for."""
        return self.say("transport-info", self.wrap(transport_xml("s5b", self.stream, inner)), wait=False)

    def dismissed(self, reason):
        """The sender's side ends it."""
        el = self.xmpp.take("iq[@type='set']/{jingle}jingle[@action='session-terminate']", from_=self.sender,
                            where=lambda e: e.find("{jingle}jingle")["sid"] == self.sid)
        eq([c.name for c in el.find("{jingle}jingle/reason").children if c.name != "text"][0], reason, f"reason of {el}")
        self.xmpp.result(el)

    def terminate(self, reason, wait=True):
        return self.say("session-terminate", f"<reason><{reason}/></reason>", wait)


class JingleActs:
    """What Xmpp can do with Jingle sessions. Mixed into the client actor."""

    def jingle(self, to, name="a.txt", data=None, size=None, method="ibb", candidates="", block=4096, dstaddr=None, hash=None,
               version=5, sid=None, stream=None, file_extra="", content_extra="", more="", senders="initiator", app=None, description=None):
        """Sends a session-initiate. hash: xml of sum_xml(), True: the sha-256 of data. size False: left out; name None: left out.
        content_extra, more: xml in the content, behind it. Returns the Session."""
        s = Session(self, to, os.urandom(6).hex() if sid is None else sid, os.urandom(6).hex() if stream is None else stream,
                    method, version)
        s.app = app or s.app
        size = len(data) if size is None and data is not None else size
        s.size = None if size is False else size
        hash = sum_xml(data) if hash is True else hash or ""
        file = ("" if name is None else f"<name>{esc(name)}</name>") + ("" if size is None or size is False else f"<size>{size}</size>")
        about = description or f"<description xmlns='{s.app}'><file>{file}{hash}{file_extra}</file></description>"
        who = f" senders='{senders}'" if senders else ""
        s.uid = self.send_iq("set", f"<jingle xmlns='{NS['jingle']}' action='session-initiate' initiator='{esc(self.jid)}' "
                             f"sid='{esc(s.sid)}'><content creator='initiator' name='{s.content}'{who}>{about}"
                             f"{transport_xml(method, s.stream, candidates, block, dstaddr)}{content_extra}</content>{more}</jingle>", to)
        return s

    def expect_jingle(self, limit=None):
        """Waits for a session-initiate."""
        return SessionIn(self, self.take("iq[@type='set']/{jingle}jingle[@action='session-initiate']", limit=limit))

    def jingle_send(self, to, name="a.txt", data=b"", block=4096, **options):
        """A whole file in band, which must succeed."""
        s = self.jingle(to, name, data, block=block, **options)
        s.accepted()
        self.ibb_send(to, s.stream, data, block)
        s.succeeded()
        return s
