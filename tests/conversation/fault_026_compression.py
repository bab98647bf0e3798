"""Row 26: compression is not offered, and refused with unsupported-method."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    ns = "http://jabber.org/protocol/compress"
    x = t.xmpp(ferry, tls="direct").open_stream()
    eq(x.features.find("{http://jabber.org/features/compress}compression"), None)
    x.send(f"<compress xmlns='{ns}'><method>zlib</method></compress>")
    x.expect(f"{{{ns}}}failure/unsupported-method")
    ok(x.sasl("PLAIN", "alice", "secret-alice").matches("{sasl}success"), "no success")
    x.open_stream()
    eq(x.features.find("{http://jabber.org/features/compress}compression"), None)
