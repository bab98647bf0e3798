"""Messages by type and priority (RFC 6121 section 8.5): who gets what."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    high, low = t.xmpp(ferry, "bob", resource="high", priority=5), t.xmpp(ferry, "bob", resource="low", priority=0)
    never, silent = t.xmpp(ferry, "bob", resource="never", priority=-1), t.xmpp(ferry, "bob", resource="silent", presence=False)
    for kind in ("chat", "normal", "headline"):
        alice.message("bob@localhost", f"to all: {kind}", type=kind)
        for x in (high, low):
            x.expect("message", body=f"to all: {kind}", from_=alice.jid, to="bob@localhost", type=kind)
    for x in (never, silent):
        alice.message(x.jid, "by name")
        x.expect("message", body="by name", to=x.jid)
    for kind in ("chat", "normal"):
        alice.message("bob@localhost/gone", f"as bare: {kind}", type=kind)
        for x in (high, low):
            x.expect("message", body=f"as bare: {kind}", to="bob@localhost/gone")
    alice.message("bob@localhost/gone", "news", type="headline")
    for to in ("bob@localhost", "bob@localhost/gone"):
        alice.message(to, "a room's", type="groupchat")
        expect_error(alice.expect("message[@type='error']", from_=to), "service-unavailable", type="cancel")
    for x in (high, low, never, silent):
        x.expect_nothing()
    alice.expect_nothing()
