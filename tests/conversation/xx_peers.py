"""peers on prosody"""
from talk import *
import os

class Fake:
    def address(self, l, i=0):
        return ("127.0.0.1", {"xmpp": 21222, "xmpp_tls": 21223, "proxy65": 21777, "legacy": 21222}[l])
    def password(self, n): return "secret-" + n

def run(t):
    f = Fake()
    data = os.urandom(200000)
    path = t.write("src.bin", data)
    os.mkdir(t.path("in"))
    bob = t.slixmpp(f, "bob", resource="slix")
    bob.do("take", dir=t.path("in"))
    alice = t.gloox(f, "alice", "send", bob.jid, path, "ibb", stdin=None)
    e = bob.event("received")
    eq(open(e["path"], "rb").read(), data)
    eq(alice.wait(), 0)
    # own streamhost
    alice = t.gloox(f, "alice", "send", bob.jid, path, "s5b", stdin=None)
    e = bob.event("received")
    eq(open(e["path"], "rb").read(), data)
    eq(alice.wait(), 0)
    # slix -> gloox
    for method in ("ibb", "s5b"):
        g = t.gloox(f, "alice", "take", t.path("out"), method, resource="take" + method)
        g.expect_line("online")
        bob.do("send", to="alice@localhost/take" + method, path=path, method=method)
        bob.event("sent")
        eq(g.wait(), 0)
        eq(open(t.path("out"), "rb").read(), data)
    raw = t.xmpp(f, "alice", auth="PLAIN", resource="raw")
    bob.do("send", to=raw.jid, path=path, method="s5b")
    i = raw.expect_offer().accept("s5b")
    eq(i.receive_s5b(), data)
    bob.event("sent")
    bob.do("send", to=raw.jid, path=path, method="ibb", messages=True)
    i = raw.expect_offer().accept("ibb")
    eq(i.receive_ibb(), data)
    bob.quit()
