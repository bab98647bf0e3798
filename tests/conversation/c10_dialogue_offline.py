"""C10: the dialogue of 2006 with nobody there: `Receive@localhost/` (capital, slash) is kept in every answer and in the SOCKS
address; a proxy that cannot be resolved is passed over."""
import os

from talk import *


def run(t):
    own = None
    ferry = t.ferry(users=[user("send", legacy=True), "receive"])
    send = t.xmpp(ferry, "send", tls=None, auth="iq-digest", resource="MiniClient")
    own = t.streamhost()
    data = os.urandom(382)
    to = "Receive@localhost/"
    offer = send.offer(to, "MiniClient.exe.config", data, methods=("s5b",), range=True)
    offer.accepted("s5b")
    eq((offer.offset, offer.length), (None, None))
    uid = send.s5b_query(to, offer.sid, [(send.jid, "localhost", own.port), ("proxy.jabber.invalid", "proxy.jabber.invalid", 7777)])
    wire = own.accept()
    wire.serve(dst_addr(offer.sid, send.jid, to))
    send.s5b_used(uid, to, send.jid)
    wire.write(data)
    wire.close()
    take_notice(send, "stored")
    receive = t.xmpp(ferry, "receive")
    url, _ = take_link(receive, "send@localhost")
    eq(t.get(url).body, data)
