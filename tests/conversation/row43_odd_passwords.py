"""Row 43: a password with a NUL, of 64 KiB, or with forbidden characters is not-authorized and never cut to one that fits;
one that is only written otherwise is the same password."""
import base64

from talk import *


def attempt(t, ferry, message):
    x = t.xmpp(ferry)
    x.open_stream()
    x.starttls()
    x.open_stream()
    x.sasl_auth("PLAIN", base64.b64encode(message).decode())
    el = x.next()
    x.close()
    return el


def run(t):
    longest = "x" * 255
    ferry = t.ferry(users=[user("alice", password="caf\u00e9"), user("bob", password=longest)])

    def refused(name, password):
        el = attempt(t, ferry, b"\0" + name + b"\0" + password)
        ok(el.matches("{sasl}failure/not-authorized") or el.matches("{sasl}failure/malformed-request"), el.xml())

    def taken(name, password):
        el = attempt(t, ferry, b"\0" + name + b"\0" + password)
        ok(el.matches("{sasl}success"), el.xml())

    taken(b"alice", "caf\u00e9".encode())
    taken(b"alice", "cafe\u0301".encode())
    taken(b"alice", "ca\u00adf\u00e9".encode())
    refused(b"alice", "caf\u00e9\0".encode())
    refused(b"alice", "caf\u00e9\0x".encode())
    refused(b"alice", "caf\u00e9\7".encode())
    refused(b"alice", b"caf\xe9")
    refused(b"alice", b"")
    taken(b"bob", longest.encode())
    refused(b"bob", longest.encode() + b"x")
    refused(b"bob", longest.encode() + b"\0x")
    refused(b"bob", b"x" * 65536)
