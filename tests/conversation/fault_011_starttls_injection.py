"""Row 11: bytes behind <starttls/> in the same segment: closed without <proceed/>, nothing of them is replayed inside TLS.
A line end, which some clients send there, means nothing and is dropped."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob = t.xmpp(ferry, "bob")
    tls = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    for more in ("<message to='bob@localhost'><body>x</body></message>", "<auth xmlns='" + NS["sasl"] + "' mechanism='PLAIN'>AA==</auth>",
                 "\n<presence/>", "\n\x00", "<"):
        x = t.xmpp(ferry)
        x.open_stream().send(tls + more)
        x.expect_eof()
        eq([e.name for e in x.queue if e.name in ("proceed", "failure")], [])
    bob.expect_nothing()
    # a segment of its own is fine, and so is a slow one
    x = t.xmpp(ferry)
    x.open_stream().write_bytewise(tls)
    x.expect("{tls}proceed")
    x.start_tls()
    x.open_stream()
    x = t.xmpp(ferry)
    x.open_stream().send(tls + " \r\n\t")
    x.expect("{tls}proceed")
    x.start_tls()
    x.open_stream()
    ok(x.features.find("{sasl}mechanisms"), "the stream goes on")
    # ... and so it does in a segment of its own, before or behind <proceed/>; something else does not
    x = t.xmpp(ferry)
    x.open_stream().send(tls)
    for more in (" ", "\r\n"):
        x.write(more)
    x.expect("{tls}proceed")
    x.write("\n")
    x.start_tls()
    x.open_stream()
    ok(x.features.find("{sasl}mechanisms"), "the stream goes on")
    x = t.xmpp(ferry)
    x.open_stream().send(tls)
    x.expect("{tls}proceed")
    x.write(" <presence/>")
    x.expect_eof()
    # ... nor do blanks without end
    x = t.xmpp(ferry)
    x.open_stream().send(tls)
    x.expect("{tls}proceed")
    x.write(" " * 4096)
    x.expect_eof()
