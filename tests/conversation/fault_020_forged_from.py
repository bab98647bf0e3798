"""Row 20: a forged `from` ends the stream with invalid-from; the sender's own address, full or bare, in any spelling is
replaced by his full JID."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob = t.xmpp(ferry, "bob")
    for forged in ("bob@localhost", "alice@localhost/other", "localhost", "mallory@localhost", "@@"):
        alice = t.xmpp(ferry, "alice", resource="here")
        alice.send(f"<message from='{forged}' to='bob@localhost'><body>x</body></message>")
        alice.expect_stream_error("invalid-from")
        alice.expect_close(tag=True)
    bob.expect_nothing()
    alice = t.xmpp(ferry, "alice", resource="here")
    for own in ("alice@localhost", "alice@localhost/here", "ALICE@LOCALHOST/here"):
        alice.send(f"<message from='{own}' to='bob@localhost'><body>y</body></message>")
        bob.expect("message", from_="alice@localhost/here")
