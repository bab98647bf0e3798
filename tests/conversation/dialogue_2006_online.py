"""The dialogue of 2006, receiver online: routed as written, pinned to his session, a direct bytestream of 382 equal bytes."""
from talk import *

TO = "Receive@localhost/"
DATA = (b"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n<configuration>\r\n" + b"  <!-- MiniClient -->\r\n" * 20)[:382]


def run(t):
    ferry = t.ferry(users=[user("sender", legacy=True), user("receive", legacy=True)])
    sender = t.xmpp(ferry, "sender", resource="MiniClient", tls=None, auth="iq-digest", presence=False)
    eq(sender.header.get("version"), None, "version of the server's header")
    eq(sender.roster(), {})
    sender.presence()
    receiver = t.xmpp(ferry, "receive", resource="MiniClient", tls=None, auth="iq-password")
    other = t.xmpp(ferry, "receive", resource="other", priority=-1)

    offer = sender.offer(TO, "MiniClient.exe.config", DATA, range=True, date="2006-02-17T20:41:53Z", desc="", sid="s5b_7FE1")
    came = receiver.expect_offer()
    eq((came.to, came.sender), (TO, sender.jid), "to and from of the routed offer")
    eq((came.name, came.size, came.range, came.methods), ("MiniClient.exe.config", 382, True, ["s5b", "ibb"]))
    came.accept("s5b")
    eq(offer.accepted(), "s5b")

    try:
        host = t.streamhost(port=1000)
    except OSError:  # not permitted, or somebody has it
        host = t.streamhost()
    uid = sender.s5b_query(TO, offer.sid, [(sender.jid, "localhost", host.port), ("proxy.invalid", "proxy.does-not-exist.invalid", 7777)])
    query = receiver.take("iq[@type='set']/{s5b}query[@sid='s5b_7FE1']")
    eq(query["to"], TO)
    eq([h.get("host") for h in query.all("query/streamhost")], ["localhost", "proxy.does-not-exist.invalid"])
    wire = t.socks("localhost", host.port, None, name="receive-s5b")
    served = host.accept()
    wire.greet()
    eq(served.greeting(), [0])
    served.write(b"\x05\x00")
    eq(wire.chosen(), 0)
    wire.ask(dst_addr(offer.sid, sender.jid, TO))
    eq(served.request(), (1, 3, dst_addr(offer.sid, sender.jid, TO), 0))
    served.reply(dst_addr(offer.sid, sender.jid, TO))
    eq(wire.answered()[0], 0)
    receiver.result(query, f"<query xmlns='{NS['s5b']}' sid='{offer.sid}'><streamhost-used jid='{sender.jid}'/></query>")
    sender.s5b_used(uid, TO, sender.jid)
    served.write(DATA)
    served.close()
    eq(wire.read_all(), DATA)
    other.expect_nothing()
    eq(ferry.ctl("ls").out, "", "nothing was stored")
