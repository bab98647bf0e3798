"""Row 13: a ClientHello of 64 KiB that is never finished is closed at the handshake's deadline and costs others nothing."""
import os

from talk import *

SIZE = 65536


def hello():
    """The records of a handshake message that says it has SIZE bytes, without its last byte."""
    body = b"\1" + SIZE.to_bytes(3, "big") + b"\3\3" + os.urandom(32) + b"\0" + b"\0\2\x13\1" + b"\1\0"
    extension = SIZE - (len(body) - 4) - 2
    body += extension.to_bytes(2, "big") + b"\0\x15" + (extension - 4).to_bytes(2, "big")
    body = body.ljust(SIZE + 4, b"\0")[:-1]
    return b"".join(b"\x16\3\1" + len(part).to_bytes(2, "big") + part
                    for part in (body[i:i + 16384] for i in range(0, len(body), 16384)))


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.unauthenticated": "60s"})
    alice = t.xmpp(ferry, "alice")
    ferry.reload(**{"limits.handshake": "2s"})
    crowd = [t.dial(*ferry.address("xmpp_tls"), name=f"large{i}") for i in range(20)]
    for w in crowd:
        w.write(hello(), quiet=True)
    alice.sync()
    for w in crowd:
        w.expect_eof()
    alice.sync()
