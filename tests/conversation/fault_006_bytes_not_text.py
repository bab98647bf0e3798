"""Row 6: bytes that are no XML text end the sender's stream with not-well-formed and never reach the peer."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob = t.xmpp(ferry, "bob")
    for bad in (b"\xc0\xaf", b"\xed\xa0\x80", b"\xe2\x82", b"\xef\xbf\xbe", b"\0", b"\x0c", b"&#0;", b"&#xFFFE;",
                b"<a xmlns='x\x01y'/>"):
        alice = t.xmpp(ferry, "alice")
        alice.write(f"<message to='{bob.jid}'><body>".encode() + bad + b"</body></message>")
        alice.expect_stream_error("not-well-formed")
        alice.expect_close(tag=True)
    bob.expect_nothing()
