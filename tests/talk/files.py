"""Files over XMPP, both sides by hand: SI offers (XEP-0095, 0096), IBB (0047), SOCKS5 bytestreams (0065), slots (0363)."""
import base64
import hashlib
import os
import re

from .core import Failure, eq, short
from .stanza import NS, esc, expect_error, matches

METHODS = {"ibb": NS["ibb"], "s5b": NS["s5b"], "oob": NS["iqoob"]}
_SHORT = {uri: name for name, uri in METHODS.items()}
PROFILE = NS["file"]


def dst_addr(sid, requester, target):
    """The SOCKS5 address of a bytestream: the JIDs exactly as in the iqs."""
    return hashlib.sha1((sid + requester + target).encode()).hexdigest()


def md5(data):
    return hashlib.md5(data).hexdigest()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Offer:
    """An SI offer that was sent: .sid, .uid (iq id), .to, .methods. `answer` waits."""

    def __init__(self, xmpp, to, sid, uid, methods):
        self.xmpp, self.to, self.sid, self.uid, self.methods = xmpp, to, sid, uid, methods
        self.reply, self.method, self.offset, self.length = None, None, None, None

    def answer(self, limit=None):
        """The result or error, whose from must be the address asked, byte for byte."""
        self.reply = self.reply or self.xmpp.answer(self.uid, to=self.to, limit=limit)
        return self.reply

    def accepted(self, method=None, limit=None):
        """The answer must be a result that picks one offered method; returns "ibb", "s5b" or "oob"."""
        el = self.answer(limit)
        if el["type"] != "result":
            raise Failure(f"the offer was refused: {el}")
        value = el.text_of("si/{feature}feature/{data}x/field[@var='stream-method']/value")
        if value not in [METHODS.get(m, m) for m in self.methods]:
            raise Failure(f"chosen method {value!r} was not offered: {el}")
        self.method = _SHORT.get(value, value)
        if method:
            eq(self.method, method, "chosen method")
        span = el.find("si/{file}file/range")
        if span is not None:
            self.offset = int(span["offset"]) if span.get("offset") else None
            self.length = int(span["length"]) if span.get("length") else None
        return self.method

    def refused(self, condition, type=None, code=None, app=None):
        return expect_error(self.answer(), condition, type, code, app)


class OfferIn:
    """An SI offer that came: .sid, .name, .size, .hash, .date, .methods, .range, .el (the iq), .sender, .to."""

    def __init__(self, xmpp, el):
        self.xmpp, self.el, self.sender, self.to = xmpp, el, el["from"], el.get("to")
        si, file = el.find("si"), el.find("si/{file}file")
        self.sid, self.mime = si["id"], si.get("mime-type")
        self.name, self.size = file["name"], int(file["size"])
        self.hash, self.date, self.desc = file.get("hash"), file.get("date"), file.text_of("desc")
        self.range = file.find("range") is not None
        self.methods = [_SHORT.get(v.text, v.text) for v in si.all("{feature}feature/{data}x/field/option/value")]

    def accept(self, method="ibb", offset=None, length=None):
        span = "" if offset is None and length is None else "<file xmlns='" + PROFILE + "'><range" + \
            (f" offset='{offset}'" if offset is not None else "") + (f" length='{length}'" if length is not None else "") + \
            "/></file>"
        self.xmpp.write(f"<iq type='result' id='{esc(self.el['id'])}' to='{esc(self.sender)}'><si xmlns='{NS['si']}'>{span}"
                        f"<feature xmlns='{NS['feature']}'><x xmlns='jabber:x:data' type='submit'><field var='stream-method'>"
                        f"<value>{METHODS.get(method, method)}</value></field></x></feature></si></iq>")
        return self

    def decline(self, condition="forbidden", type="cancel", code=403, app="", text="Offer Declined"):
        self.xmpp.send_error(self.el, condition, type, code, app, text)

    def receive_ibb(self, **options):
        return self.xmpp.ibb_receive(self.sender, self.sid, size=self.size, **options)

    def receive_s5b(self, **options):
        return self.xmpp.s5b_receive(self.sender, self.sid, size=self.size, target=self.to, **options)


class FileActs:
    """What Xmpp can do with files. Mixed into the client actor."""

    # --- SI -----------------------------------------------------------------------------------------------
    def offer(self, to, name="a.txt", data=None, size=None, methods=("s5b", "ibb"), range=False, hash=None, date=None,
              desc=None, sid=None, mime=None, profile=PROFILE, uid=None):
        """Sends an SI offer; `to` goes out byte for byte. hash=True: the MD5 of data. range=True: an empty <range/>."""
        sid = os.urandom(6).hex() if sid is None else sid
        size = len(data) if size is None and data is not None else size
        hash = md5(data) if hash is True else hash
        part = lambda key, value: "" if value is None else f" {key}='{esc(value)}'"
        inner = ("" if desc is None else f"<desc>{esc(desc)}</desc>") + ("<range/>" if range is True else range or "")
        options = "".join(f"<option><value>{METHODS.get(m, m)}</value></option>" for m in methods)
        uid = self.send_iq("set", f"<si xmlns='{NS['si']}'{part('id', sid or None)}{part('mime-type', mime)}{part('profile', profile)}>"
                           f"<file xmlns='{PROFILE}'{part('name', name)}{part('size', size)}{part('hash', hash)}"
                           f"{part('date', date)}>{inner}</file><feature xmlns='{NS['feature']}'><x xmlns='jabber:x:data' "
                           f"type='form'><field var='stream-method' type='list-single'>{options}</field></x></feature></si>",
                           to, uid)
        return Offer(self, to, sid, uid, methods)

    def expect_offer(self, limit=None, **attrs):
        """Waits for an SI offer and returns it as OfferIn."""
        return OfferIn(self, self.take("iq[@type='set']/{si}si", limit=limit, **attrs))

    def send_error(self, el, condition, type="cancel", code=None, app="", text=None):
        """Answers an iq with an error."""
        words = f"<text xmlns='{NS['stanzas']}'>{esc(text)}</text>" if text else ""
        self.write(f"<iq type='error' id='{esc(el['id'])}'" + (f" to='{esc(el['from'])}'" if el.get("from") else "") +
                   f"><error type='{type}'" + (f" code='{code}'" if code else "") +
                   f"><{condition} xmlns='{NS['stanzas']}'/>{words}{app}</error></iq>")

    def result(self, el, payload=""):
        """Answers an iq with a result."""
        self.write(f"<iq type='result' id='{esc(el['id'])}'" + (f" to='{esc(el['from'])}'" if el.get("from") else "") +
                   f">{payload}</iq>")

    def send_file(self, to, name="a.txt", data=b"", method="ibb", block=4096, window=8, stanza="iq", **options):
        """Offer, stream and close, all of which must succeed. method: "ibb", "s5b" (own streamhost), "proxy" (the
        server's proxy). Returns the Offer."""
        kind = "ibb" if method == "ibb" else "s5b"
        offer = self.offer(to, name, data, methods=options.pop("methods", (kind,)), **options)
        eq(offer.accepted(), kind, "chosen method")
        rest = data[offer.offset or 0:][:offer.length]
        if kind == "ibb":
            self.ibb_send(to, offer.sid, rest, block, window, stanza)
        elif method == "s5b":
            self.s5b_send(to, offer.sid, rest)
        else:
            self.proxy_send(to, offer.sid, rest)
        return offer

    def leave_file(self, to, name, data, **options):
        """In band, for one who is away: when this returns she has heard that it is stored."""
        offer = self.send_file(to, name, data, block=30000, **options)
        take_notice(self, "stored")
        return offer

    # --- IBB ----------------------------------------------------------------------------------------------
    def ibb_open(self, to, sid, block=4096, stanza="iq", wait=True):
        """Opens; returns the answer (wait=False: the iq's id). block and stanza None: attribute left out."""
        attrs = "".join(f" {k}='{esc(v)}'" for k, v in (("block-size", block), ("sid", sid), ("stanza", stanza)) if v is not None)
        uid = self.send_iq("set", f"<open xmlns='{NS['ibb']}'{attrs}/>", to)
        return self.answer(uid, to) if wait else uid

    def ibb_opened(self, receiver, to, sid, block=4096):
        """An in-band stream to an actor, who takes it. Not a byte of it is sent."""
        uid = self.ibb_open(to, sid, block, wait=False)
        receiver.result(receiver.take("iq/{ibb}open"))
        eq(self.answer(uid, to)["type"], "result", "answer to open")

    def ibb_passed(self, receiver, to, sid, seq, chunk):
        """A block of it, which he takes."""
        uid = self.ibb_data(to, sid, seq, chunk)
        el = receiver.take("iq/{ibb}data")
        receiver.result(el)
        eq(self.answer(uid, to)["type"], "result", "answer to data")
        return el

    def inband_to(self, receiver, data, name="a.bin", to=None, block=4096, **given):
        """A file offered to an actor (by `to`, else by his full address) and taken by him in band, up to the open: the offer. Not a byte
        of it is sent."""
        offer = self.offer(to or receiver.jid, name, data, methods=("ibb",), **given)
        receiver.expect_offer().accept("ibb")
        offer.accepted("ibb")
        self.ibb_opened(receiver, offer.to, offer.sid, block)
        return offer

    def ibb_data(self, to, sid, seq, chunk, stanza="iq", raw=None):
        """One block, not waited for; returns its id. raw: sent instead of the base64 of chunk."""
        text = base64.b64encode(chunk).decode() if raw is None else raw
        data = f"<data xmlns='{NS['ibb']}' seq='{seq}' sid='{esc(sid)}'>{text}</data>"
        if stanza == "iq":
            return self.send_iq("set", data, to)
        uid = self.id()
        self.write(f"<message to='{esc(to)}' id='{uid}'>{data}</message>")
        return uid

    def ibb_blocks(self, to, sid, data, block=4096, window=8, stanza="iq", seq=0):
        """Sends all blocks with at most `window` of them unanswered; each answer must be a result. Returns the next seq."""
        waiting, was_quiet = set(), self.quiet
        self.quiet = len(data) > 64 * block
        if self.quiet:
            self.t.note(self.name, ">>", f"(IBB: {len(data)} bytes in blocks of {block}, {window} in flight, not shown)")

        def reap(most):
            while len(waiting) > most:
                el = self.take("iq", where=lambda e: e.get("id") in waiting and e.get("type") in ("result", "error"))
                if el["type"] != "result":
                    raise Failure(f"a block was refused: {el}")
                waiting.discard(el["id"])
        for at in range(0, len(data), block):
            uid = self.ibb_data(to, sid, seq, data[at:at + block], stanza)
            seq = (seq + 1) & 0xFFFF
            if stanza == "iq":
                waiting.add(uid)
                reap(window - 1)
        reap(0)
        self.quiet = was_quiet
        return seq

    def ibb_close(self, to, sid, wait=True, limit=None):
        uid = self.send_iq("set", f"<close xmlns='{NS['ibb']}' sid='{esc(sid)}'/>", to)
        return self.answer(uid, to, limit) if wait else uid

    def ibb_send(self, to, sid, data, block=4096, window=8, stanza="iq", seq=0):
        """Open, blocks, close: each must be answered by a result."""
        el = self.ibb_open(to, sid, block, stanza)
        if el["type"] != "result":
            raise Failure(f"open was refused: {el}")
        self.ibb_blocks(to, sid, data, block, window, stanza, seq)
        el = self.ibb_close(to, sid)
        if el["type"] != "result":
            raise Failure(f"close was refused: {el}")

    def ibb_receive(self, sender, sid, size=None, close=False):
        """Answers open, the blocks and the other side's close; returns the bytes. close=True: closes itself at `size`."""
        of_sid = lambda e: any(c.get("sid") == sid for c in e.children)
        el = self.take("iq[@type='set']/{ibb}open", from_=sender, where=of_sid)
        self.result(el)
        data, seq, was_quiet = bytearray(), 0, self.quiet
        self.quiet = (size or 0) > 256 * 1024
        while True:
            el = self.take("*", from_=sender, where=lambda e: of_sid(e) and (
                matches(e, "*/{ibb}data") or matches(e, "iq[@type='set']/{ibb}close")))
            if el.find("close") is not None:
                self.result(el)
                break
            block = el.find("data")
            eq(int(block["seq"]), seq, "seq of a block")
            seq = (seq + 1) & 0xFFFF
            data += base64.b64decode(block.text, validate=True)
            if el.name == "iq":
                self.result(el)
            if close and len(data) >= size:
                self.ibb_close(sender, sid)
                break
        self.quiet = was_quiet
        if size is not None:
            eq(len(data), size, "bytes received")
        return bytes(data)

    # --- bytestreams --------------------------------------------------------------------------------------
    def s5b_query(self, to, sid, hosts, mode="tcp", extra="", wait=False):
        """The bytestreams query. hosts: Streamhost actors or (jid, host, port) (port None: left out). Returns its id."""
        lines = ""
        for h in hosts:
            jid, host, port = h if isinstance(h, tuple) else (self.jid, h.host, h.port)
            lines += f"<streamhost jid='{esc(jid)}' host='{esc(host)}'" + (f" port='{port}'" if port is not None else "") + "/>"
        uid = self.send_iq("set", f"<query xmlns='{NS['s5b']}'" + (f" sid='{esc(sid)}'" if sid is not None else "") +
                           (f" mode='{mode}'" if mode else "") + f">{lines}{extra}</query>", to)
        return self.answer(uid, to) if wait else uid

    def s5b_used(self, uid, to, jid=None):
        """Waits for streamhost-used (of `jid`)."""
        el = self.answer(uid, to)
        if el["type"] != "result":
            raise Failure(f"the bytestream was refused: {el}")
        used = el.find("query/streamhost-used")
        if used is None:
            raise Failure(f"no streamhost-used in {el}")
        if jid is not None:
            eq(used["jid"], jid, "streamhost-used")
        return el

    def s5b_send(self, to, sid, data, host=None, hosts=None, target=None, close=True):
        """Offers an own streamhost, serves the receiver's connection, waits for streamhost-used, sends, closes.
        host: a Streamhost of t.streamhost(); target: the JID the address hash is made with (default: `to`)."""
        own = host or self.t.streamhost()
        uid = self.s5b_query(to, sid, hosts or [own])
        wire = own.accept()
        wire.serve(dst_addr(sid, self.jid, target or to))
        self.s5b_used(uid, to)
        wire.write(data, quiet=len(data) > 4096)
        if close:
            wire.close()
        if host is None:
            own.close()
        return wire

    def proxy_address(self, proxy="proxy.localhost", sid=None):
        """Asks the proxy for its address: (jid, host, port)."""
        el = self.iq_get(f"<query xmlns='{NS['s5b']}'" + (f" sid='{esc(sid)}'" if sid else "") + "/>", proxy)
        if el["type"] != "result":
            raise Failure(f"no address from the proxy: {el}")
        host = el.find("query/streamhost")
        return host["jid"], host["host"], int(host.get("port", "1080"))

    def activate(self, sid, target, proxy="proxy.localhost", wait=True):
        uid = self.send_iq("set", f"<query xmlns='{NS['s5b']}' sid='{esc(sid)}'><activate>{esc(target)}</activate></query>", proxy)
        return self.answer(uid, proxy) if wait else uid

    def proxy_send(self, to, sid, data, proxy="proxy.localhost", style="steps", close=True):
        """Through the server's own proxy: address, query, connect, activate, send, close."""
        streamhost = self.proxy_address(proxy, sid)
        uid = self.s5b_query(to, sid, [streamhost])
        self.s5b_used(uid, to, streamhost[0])
        wire = self.t.socks(streamhost[1], streamhost[2], dst_addr(sid, self.jid, to), style, name=self.name + "-s5b")
        el = self.activate(sid, to, proxy)
        if el["type"] != "result":
            raise Failure(f"activation was refused: {el}")
        wire.write(data, quiet=len(data) > 4096)
        if close:
            wire.close()
        return wire

    def relay_to(self, receiver, data, name="a.bin", **given):
        """A file offered to an actor and taken by him through our proxy, up to the activation: (his wire, the sender's, the offer).
        Not a byte of it is sent."""
        jid, host, port = self.proxy_address()
        offer = self.offer(receiver.jid, name, data, methods=("s5b",), **given)
        receiver.expect_offer().accept("s5b")
        offer.accepted("s5b")
        uid = self.s5b_query(receiver.jid, offer.sid, [(jid, host, port)])
        el, key = receiver.take("iq/{s5b}query"), dst_addr(offer.sid, self.jid, receiver.jid)
        target = self.t.socks(host, port, key, name=receiver.name + "-s5b")
        receiver.result(el, f"<query xmlns='{NS['s5b']}' sid='{esc(offer.sid)}'><streamhost-used jid='{jid}'/></query>")
        self.s5b_used(uid, receiver.jid, jid)
        wire = self.t.socks(host, port, key, name=self.name + "-s5b")
        if self.activate(offer.sid, receiver.jid)["type"] != "result":
            raise Failure("activation was refused")
        target.quiet = wire.quiet = len(data) > 4096
        return target, wire, offer

    def s5b_receive(self, sender, sid, size=None, target=None, pick=0, style="steps"):
        """Takes the query of this sid, connects to its pick-th streamhost, answers streamhost-used, reads to the end (or to
        `size` bytes)."""
        el = self.take("iq[@type='set']/{s5b}query", from_=sender, where=lambda e: e.find("query").get("sid") == sid)
        host = el.all("query/streamhost")[pick]
        wire = self.t.socks(host["host"], int(host.get("port", "1080")), dst_addr(sid, sender, target or el["to"]), style,
                            name=self.name + "-s5b")
        self.result(el, f"<query xmlns='{NS['s5b']}' sid='{esc(sid)}'><streamhost-used jid='{esc(host['jid'])}'/></query>")
        wire.quiet = (size or 0) > 65536
        data = wire.read_all() if size is None else wire.need(size)
        wire.close()
        return data

    # --- slots --------------------------------------------------------------------------------------------
    def slot(self, name="a.txt", size=0, type=None, service="upload.localhost", dialect="upload", extra=""):
        """Asks for an upload slot: (put url, get url, {header: value})."""
        el = self.slot_answer(name, size, type, service, dialect, extra)
        if el["type"] != "result":
            raise Failure(f"no slot: {el}")
        slot = el.find(f"{{{NS[dialect]}}}slot")
        put, get = slot.find("put"), slot.find("get")
        if dialect != "upload":
            return put.text, get.text, {}
        return put["url"], get["url"], {h["name"]: h.text for h in put.all("header")}

    def slot_answer(self, name="a.txt", size=0, type=None, service="upload.localhost", dialect="upload", extra=""):
        return self.iq_get(slot_request(name, size, type, dialect, extra), service)


def slot_request(name, size, type=None, dialect="upload", extra=""):
    """<request/> in attributes ("upload") or child elements ("upload_old", "upload_siacs"); extra: children of it."""
    words = {"filename": name, "size": size, "content-type": type}
    given = {k: esc(v) for k, v in words.items() if v is not None}
    if dialect == "upload":
        return f"<request xmlns='{NS[dialect]}'" + "".join(f" {k}='{v}'" for k, v in given.items()) + f">{extra}</request>"
    return f"<request xmlns='{NS[dialect]}'>" + "".join(f"<{k}>{v}</{k}>" for k, v in given.items()) + f"{extra}</request>"


def link_of(message):
    """The link of a receiver's message: body and jabber:x:oob url, which must be equal."""
    url = message.text_of("{oob}x/url")
    if not url:
        raise Failure(f"no jabber:x:oob url in {short(message.xml(), 2000)}")
    eq(message.body, url, "body beside the url")
    return url


def take_link(xmpp, sender=None, limit=None):
    """Waits for the message that carries a link (from the sender's bare JID); returns (url, message)."""
    m = xmpp.take("message/{oob}x", limit=limit, **({"from_": re.compile("^" + re.escape(sender) + "(/|$)")} if sender else {}))
    return link_of(m), m


def take_notice(xmpp, state, limit=None):
    """Waits for a notice `<transfer xmlns='urn:ferry:0' state=.../>`; returns the message. Its id attribute is the file's. A message
    about several files is returned once for each."""
    again = xmpp.__dict__.setdefault("notices", {}).setdefault(state, [])
    if not again:
        m = xmpp.take("message/{ferry}transfer[@state='" + state + "']", limit=limit)
        again += [m] * len(m.all("{ferry}transfer"))
    return again.pop()
