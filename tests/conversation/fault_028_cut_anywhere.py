"""Row 28: a stream that ends or is reset in the middle of anything frees the session; contacts hear of it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    bob = t.xmpp(ferry, "bob")
    alice = t.xmpp(ferry, "alice", resource="first")
    alice.befriend(bob)
    fds = None
    for cut in ("<message to='bob@localhost'><bo", "<iq type='get' id='", "", "<message><body>x</body></message", "</stream:str"):
        for how in ("close", "abort", "shut"):
            x = t.xmpp(ferry, "alice", resource="second")
            bob.take("presence[not(@type)]", from_=x.jid)
            x.write(cut)
            getattr(x, how)()
            bob.take("presence[@type='unavailable']", from_="alice@localhost/second")
            x.close()
        fds = fds or ferry.fds()
    bob.sync()
    t.pump(lambda: ferry.fds() < fds + 8, "the descriptors of twelve clients to be closed")
    bob.expect_nothing()
    x = t.xmpp(ferry, "alice", resource="second")
    x.write("<message to='bob@localhost'><body>half</body></stream:stream>")
    x.expect_stream_error("not-well-formed")
    bob.expect_nothing()
