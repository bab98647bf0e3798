"""Row 8: a wrong stream or content namespace is invalid-namespace; what follows the root's end is not heard."""
from talk import *

STREAMS = "http://etherx.jabber.org/streams"


def run(t):
    ferry = t.ferry(users=["alice"])
    for ns, streams in (("jabber:client", "urn:other"), ("jabber:server", STREAMS), ("", STREAMS)):
        x = t.xmpp(ferry)
        x.write(f"<stream:stream xmlns='{ns}' xmlns:stream='{streams}' to='localhost' version='1.0'>")
        x.expect_stream_error("invalid-namespace")
        x.expect_close(tag=True)
    x = t.xmpp(ferry, "alice")
    x.write("</stream:stream><message to='alice@localhost'><body>late</body></message>")
    x.expect_close(tag=True)
    t.xmpp(ferry, "alice").expect_nothing()
    x = t.xmpp(ferry, "alice")
    x.write("no markup")
    x.expect_stream_error("bad-format")
