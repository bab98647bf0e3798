"""Checks the library against another server."""
from talk import *
import os

class Fake:
    def address(self, l, i=0):
        return ("127.0.0.1", {"xmpp": 21222, "xmpp_tls": 21223, "proxy65": 21777, "legacy": 21222}[l])
    def password(self, n): return "secret-" + n

def run(t):
    f = Fake()
    alice = t.xmpp(f, "alice", auth="SCRAM-SHA-1", resource="a")
    bob = t.xmpp(f, "bob", tls="direct", auth="PLAIN", resource="b")
    eve = t.xmpp(f, "bob", tls=None, auth="iq-password", resource="c", priority=-1)
    t.say(eve.jid)
    alice.message("bob@localhost", "hi & ho")
    m = bob.expect("message[@type='chat']", body="hi & ho")
    bob.message(alice.jid, "back")
    alice.take("message", body="back")
    alice.befriend(bob)
    t.say(str(alice.roster()))
    t.say(str(alice.disco_items("localhost")))
    data = os.urandom(300000)
    o = alice.offer(bob.jid, "x.bin", data, range=True, hash=True)
    i = bob.expect_offer()
    eq((i.name, i.size, i.range, i.hash, i.methods), ("x.bin", 300000, True, md5(data), ["s5b", "ibb"]))
    i.accept("ibb")
    eq(o.accepted(), "ibb")
    uid = alice.ibb_open(bob.jid, o.sid, wait=False)
    # one thread: sequential by hand
    bob.result(bob.take("iq/{ibb}open"))
    alice.answer(uid)
    alice.ibb_data(bob.jid, o.sid, 0, b"abc")
    bob.result(bob.take("iq/{ibb}data"))
    alice.take("iq[@type='result']")
    # proxy
    p = alice.proxy_address()
    o = alice.offer(bob.jid, "x.bin", data, methods=("s5b",))
    i = bob.expect_offer().accept("s5b")
    o.accepted("s5b")
    uid = alice.s5b_query(bob.jid, o.sid, [p])
    q = bob.take("iq/{s5b}query")
    w1 = t.socks(p[1], p[2], dst_addr(o.sid, alice.jid, bob.jid), name="bob-s5b")
    bob.result(q, f"<query xmlns='{NS['s5b']}'><streamhost-used jid='{p[0]}'/></query>")
    alice.s5b_used(uid, bob.jid, p[0])
    w2 = t.socks(p[1], p[2], dst_addr(o.sid, alice.jid, bob.jid))
    eq(alice.activate(o.sid, bob.jid)["type"], "result")
    w1.quiet = True
    w2.write(data, quiet=True); w2.close()
    eq(w1.read_all(), data)
    # own streamhost
    h = t.streamhost()
    a2 = dst_addr("s", alice.jid, bob.jid)
    c = t.socks(h.host, h.port)
    s = h.accept()
    c.greet(); eq(s.greeting(), [0]); s.write(b"\5\0"); eq(c.chosen(), 0)
    c.ask(a2); eq(s.request(), (1, 3, a2, 0)); s.reply(a2); eq(c.answered(), (0, a2, 0))
    # sm
    s = t.xmpp(f, "alice", auth="PLAIN", resource="sm", sm=True)
    bob.message(s.jid, "1"); s.take("message", body="1")
    eq(s.sm_request() > 0, True)
    s.expect_nothing()
    x = t.xmpp(f)
    x.open_stream()
    t.say(x.features.xml())
    x.write_bytewise("<!DOCTYPE foo [<!ENTITY a 'b'>]>")
    x.expect_stream_error("restricted-xml")
    x.expect_close()
    alice.send("<message from='x@localhost' to='bob@localhost'/>")
    bob.end()
