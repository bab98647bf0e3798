"""Row 63: the proxy is for our own users: without a login nobody gets its address or activates anything."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"xmpp.require_tls": "no"})
    x = t.xmpp(ferry)
    x.open_stream()
    x.send(f"<iq type='get' id='1' to='proxy.localhost'><query xmlns='{NS['s5b']}'/></iq>")
    x.expect_stream_error("not-authorized")
    x.expect_close()
