"""Stanzas as the tests see them: a thin element and a small matcher.

A pattern is a path. Its first step is the stanza itself, the next ones are children (`/`) or descendants (`//`):

    iq[@type='result']/query/item[@jid='bob@localhost']
    message/{oob}x/url[.='http://...']
    iq//{file}file[@name='a.txt'][@size]

A step is a local name or `*`, may begin with a namespace in braces (a URI, or a short name out of NS) and may
carry predicates: [@a], [@a='v'], [@a!='v'], [not(@a)], [.='text'], [not(name)], [name].
"""
import re
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape as esc_text, quoteattr

from .core import Failure, eq, short

NS = {
    "client": "jabber:client",
    "component": "jabber:component:accept",
    "stream": "http://etherx.jabber.org/streams",
    "streams": "urn:ietf:params:xml:ns:xmpp-streams",
    "stanzas": "urn:ietf:params:xml:ns:xmpp-stanzas",
    "tls": "urn:ietf:params:xml:ns:xmpp-tls",
    "sasl": "urn:ietf:params:xml:ns:xmpp-sasl",
    "bind": "urn:ietf:params:xml:ns:xmpp-bind",
    "session": "urn:ietf:params:xml:ns:xmpp-session",
    "auth": "jabber:iq:auth",
    "authf": "http://jabber.org/features/iq-auth",
    "roster": "jabber:iq:roster",
    "disco": "http://jabber.org/protocol/disco#info",
    "items": "http://jabber.org/protocol/disco#items",
    "ping": "urn:xmpp:ping",
    "delay": "urn:xmpp:delay",
    "oob": "jabber:x:oob",
    "iqoob": "jabber:iq:oob",
    "data": "jabber:x:data",
    "feature": "http://jabber.org/protocol/feature-neg",
    "si": "http://jabber.org/protocol/si",
    "file": "http://jabber.org/protocol/si/profile/file-transfer",
    "ibb": "http://jabber.org/protocol/ibb",
    "s5b": "http://jabber.org/protocol/bytestreams",
    "upload": "urn:xmpp:http:upload:0",
    "upload_old": "urn:xmpp:http:upload",
    "upload_siacs": "eu:siacs:conversations:http:upload",
    "purpose": "urn:xmpp:http:upload:purpose:0",
    "sm": "urn:xmpp:sm:3",
    "blocking": "urn:xmpp:blocking",
    "sfs": "urn:xmpp:sfs:0",
    "fallback": "urn:xmpp:fallback:0",
    "hashes": "urn:xmpp:hashes:2",
    "ferry": "urn:ferry:0",
    "jingle": "urn:xmpp:jingle:1",
    "jingle_errors": "urn:xmpp:jingle:errors:1",
    "jft": "urn:xmpp:jingle:apps:file-transfer:",
    "jft5": "urn:xmpp:jingle:apps:file-transfer:5",
    "jft_errors": "urn:xmpp:jingle:apps:file-transfer:errors:0",
    "jibb": "urn:xmpp:jingle:transports:ibb:1",
    "js5b": "urn:xmpp:jingle:transports:s5b:1",
    "commands": "http://jabber.org/protocol/commands",
}

_STEP = re.compile(r"(//|/)?(?:\{([^}]*)\})?([\w.-]+|\*)((?:\[(?:[^\]'\"]|'[^']*'|\"[^\"]*\")*\])*)")
_PRED = re.compile(r"\[((?:[^\]'\"]|'[^']*'|\"[^\"]*\")*)\]")
_TEST = re.compile(r"""^(?:@([\w:.-]+)|(\.))\s*(?:(!?=)\s*('[^']*'|"[^"]*"))?$""")
_parsed = {}


class El:
    """One element. `el["attr"]` (KeyError if absent), `el.get("attr")`, `.name`, `.ns`, `.text`, `.children`."""

    def __init__(self, et):
        self.et = et
        ns, name = re.match(r"(?:\{(.*)\})?(.*)", et.tag, re.S).groups()
        self.ns, self.name = ns or "", name

    def __getitem__(self, attr):
        return self.et.attrib[attr]

    def get(self, attr, default=None):
        return self.et.get(attr, default)

    @property
    def attrs(self):
        return dict(self.et.attrib)

    @property
    def text(self):
        return self.et.text or ""

    @property
    def children(self):
        return [El(c) for c in self.et]

    def find(self, path):
        """The first element below this one on the path, or None: `m.find("{oob}x/url")`."""
        return next(iter(self.all(path)), None)

    def all(self, path):
        """Every element below this one on the path."""
        steps = _parse(path)
        steps = [(steps[0][0] or "/",) + steps[0][1:]] + steps[1:]
        return list(_walk(self, steps))

    def text_of(self, path, default=None):
        el = self.find(path)
        return default if el is None else el.text

    @property
    def body(self):
        return self.text_of("body")

    @property
    def error(self):
        """The condition of an error stanza, or None."""
        return next((c.name for c in (self.find("error") or _NONE).children if c.ns == NS["stanzas"] and c.name != "text"),
                    None)

    def matches(self, pattern, **attrs):
        return matches(self, pattern, **attrs)

    def xml(self):
        return _write(self, "")

    __str__ = __repr__ = xml


_NONE = El(ET.Element("none"))


def _parse(path):
    if path not in _parsed:
        steps, at = [], 0
        while at < len(path):
            m = _STEP.match(path, at)
            if not m or (steps and not m[1]):
                raise ValueError(f"pattern {path!r} is wrong at {path[at:]!r}")
            ns = None if m[2] is None else NS.get(m[2], m[2])
            steps.append((m[1] or "", ns, m[3], _PRED.findall(m[4])))
            at = m.end()
        _parsed[path] = steps
    return _parsed[path]


def _holds(el, pred):
    if m := re.match(r"^not\((.*)\)$", pred):
        return not _holds(el, m[1])
    if m := _TEST.match(pred):
        attr, _, op, value = m.groups()
        have = el.text if attr is None else el.get(attr)
        if op is None:
            return bool(have) if attr is None else have is not None
        return (have == value[1:-1]) == (op == "=")
    return el.find(pred) is not None


def _fits(el, step):
    _, ns, name, preds = step
    return (name in ("*", el.name)) and (ns is None or ns == el.ns) and all(_holds(el, p) for p in preds)


def _walk(el, steps):
    if not steps:
        yield el
        return
    below = el.et.iter() if steps[0][0] == "//" else el.et
    for child in below:
        if child is not el.et:
            child = El(child)
            if _fits(child, steps[0]):
                yield from _walk(child, steps[1:])


def _value(have, want):
    if isinstance(want, re.Pattern):
        return have is not None and bool(want.search(have))
    if callable(want):
        return bool(want(have))
    return have == want


def matches(el, pattern, **attrs):
    """`pattern` (see above) and attributes: body=, from_=, to=, id=, type=, ...: a text, None, a compiled regex or a
    function of the value."""
    steps = _parse(pattern)
    if not _fits(el, steps[0]) or next(_walk(el, steps[1:]), None) is None:
        return False
    for key, want in attrs.items():
        if not _value(el.body if key == "body" else el.get(key.rstrip("_")), want):
            return False
    return True


def _write(el, outer):
    out = [f"<{el.name}"]
    if el.ns != outer:
        out.append(f" xmlns={quoteattr(el.ns)}")
    for key, value in el.et.attrib.items():
        key = re.sub(r"^\{http://www.w3.org/XML/1998/namespace\}", "xml:", key)
        out.append(f" {key}={quoteattr(value)}")
    inner = esc_text(el.text) + "".join(_write(El(c), el.ns) + esc_text(c.tail or "") for c in el.et)
    out.append(f">{inner}</{el.name}>" if inner else "/>")
    return "".join(out)


def esc(text):
    """Text for an attribute in single or double quotes, or for content."""
    return esc_text(str(text), {"'": "&apos;", '"': "&quot;"})


def parse(xml):
    """An El from a whole document (tests of the library, payloads)."""
    return El(ET.fromstring(xml))


def expect_error(el, condition, type=None, code=None, app=None):
    """`el` is an error stanza with this condition (and type, legacy code, application condition)."""
    eq(el.get("type"), "error", f"in {short(el.xml(), 1500)}: type")
    eq(el.error, condition, f"in {short(el.xml(), 1500)}: condition")
    if type:
        eq(el.find("error").get("type"), type, "error type")
    if code:
        eq(el.find("error").get("code"), str(code), "error code")
    if app and el.find(f"error/{app}") is None:
        raise Failure(f"no {app} in {el}")
    return el
