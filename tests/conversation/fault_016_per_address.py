"""Row 16: over [limits] per_address a connection is closed without a word; one that ends makes room."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.per_address": "3"})
    first = t.xmpp(ferry, "alice")
    second, third = t.xmpp(ferry), t.xmpp(ferry)
    second.open_stream(), third.open_stream()
    over = t.xmpp(ferry, name="over")
    over.expect_eof()
    eq(len(over.have()), 0)
    eq(over.header, None)
    t.xmpp(ferry, name="other", source="127.0.0.2").open_stream()
    second.end()
    t.xmpp(ferry, name="again").open_stream()
    first.sync()
