"""C10: the dialogue of 2006 with the receiver there: routed to him with `to` as written, a direct stream, 382 equal bytes."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=[user("send", legacy=True), user("receive", legacy=True)])
    receive = t.xmpp(ferry, "receive", tls=None, auth="iq-digest", resource="MiniClient")
    send = t.xmpp(ferry, "send", tls=None, auth="iq-digest", resource="MiniClient")
    own = t.streamhost()
    data = os.urandom(382)
    to = "Receive@localhost/"
    offer = send.offer(to, "MiniClient.exe.config", data, methods=("s5b",), range=True)
    seen = receive.expect_offer()
    eq(seen.el["to"], to)
    seen.accept("s5b")
    offer.accepted("s5b")
    uid = send.s5b_query(to, offer.sid, [(send.jid, "localhost", own.port), ("proxy.jabber.invalid", "proxy.jabber.invalid", 7777)])
    el = receive.take("iq[@type='set']/{s5b}query")
    eq(el["to"], to)
    address = dst_addr(offer.sid, send.jid, to)
    theirs = t.dial("127.0.0.1", own.port)
    wire = own.accept()
    theirs.write(b"\x05\x01\x00")
    wire.greeting()
    wire.write(b"\x05\x00")
    eq(theirs.need(2), b"\x05\x00")
    theirs.write(b"\x05\x01\x00\x03\x28" + address.encode() + b"\x00\x00")
    eq(wire.request()[2], address)
    wire.reply(address)
    theirs.need(47)
    receive.result(el, f"<query xmlns='{NS['s5b']}'><streamhost-used jid='{send.jid}'/></query>")
    send.s5b_used(uid, to, send.jid)
    wire.write(data)
    wire.close()
    eq(theirs.read_all(), data)
