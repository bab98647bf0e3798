"""The dialogue of 2006, receiver offline: Ferry is the target, connects to port 1000 as dial_ports allows, and the link has the 382 bytes."""
from talk import *

TO = "Receive@localhost/"
DATA = (b"<?xml version=\"1.0\" encoding=\"utf-8\" ?>\r\n<configuration>\r\n" + b"  <!-- MiniClient -->\r\n" * 20)[:382]


def run(t):
    try:
        host = t.streamhost(port=1000)
    except OSError:  # not permitted, or somebody has it
        host = t.streamhost()
    ferry = t.ferry(users=[user("sender", legacy=True), user("receive", legacy=True)], conf={"offers.dial_ports": str(host.port)})
    sender = t.xmpp(ferry, "sender", resource="MiniClient", tls=None, auth="iq-digest", presence=False)
    sender.roster()
    sender.presence()

    # The client of 2006 offered bytestreams alone.
    offer = sender.offer(TO, "MiniClient.exe.config", DATA, range=True, date="2006-02-17T20:41:53Z", methods=("s5b",), sid="s5b_7FE1")
    eq(offer.accepted(), "s5b")
    uid = sender.s5b_query(TO, offer.sid, [(sender.jid, "localhost", host.port), ("proxy.invalid", "proxy.does-not-exist.invalid", 7777)])
    served = host.accept()
    served.serve(dst_addr(offer.sid, sender.jid, TO))
    sender.s5b_used(uid, TO, sender.jid)
    served.write(DATA)
    served.close()
    take_notice(sender, "stored")

    receiver = t.xmpp(ferry, "receive", resource="MiniClient", tls=None, auth="iq-digest")
    url, message = take_link(receiver, "sender@localhost")
    eq(t.get(url).body, DATA)
    ok(url.endswith("/MiniClient.exe.config"), url)
