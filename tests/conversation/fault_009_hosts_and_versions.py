"""Row 9: an unknown or missing `to` is host-unknown; a header without version is answered without version or features."""
from talk import *


def run(t):
    ferry = t.ferry()
    for to in ("elsewhere.example", "", "not a host"):
        x = t.xmpp(ferry)
        x.write("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'" +
                (f" to='{to}'" if to else "") + ">")
        x.expect_stream_error("host-unknown")
        x.expect_close(tag=True)
    x = t.xmpp(ferry)
    x.open_stream(to="LOCALHOST", version=None)
    eq(x.header.get("version"), None)
    eq(x.header["from"], "localhost")
    ok(len(x.stream_id) >= 20, "the stream id can be guessed")
    eq(x.have(), [], "no features")
