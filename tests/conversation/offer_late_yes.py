"""A yes that comes when Ferry has stored the file: Ferry is the sender of that sid to him, from the sender's own address, in band or
by our proxy as he chose; the link stays, and the sender hears no second answer."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    for method, size in (("ibb", 150_000), ("s5b", 300_000), ("s5b", 65536), ("ibb", 0)):
        data = os.urandom(size)
        ferry.reload(**{"offers.answer_timeout": "2s"})
        offer = alice.offer("bob@localhost", "a.bin", data)
        seen = bob.expect_offer()
        ferry.reload(**{"offers.answer_timeout": None})  # for the sender's next step there is time
        offer.accepted("ibb")
        alice.ibb_send("bob@localhost", offer.sid, data)
        take_notice(alice, "stored")
        url, _ = take_link(bob, "alice@localhost")
        seen.accept(method)
        if method == "ibb":
            got = bob.ibb_receive(alice.jid, offer.sid, size=size)
        else:
            el = bob.take("iq[@type='set']/{s5b}query", from_=alice.jid)
            eq([h["jid"] for h in el.all("query/streamhost")], ["proxy.localhost"])
            host = el.find("query/streamhost")
            wire = t.socks(host["host"], int(host["port"]), dst_addr(offer.sid, alice.jid, el["to"]))
            bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{offer.sid}'><streamhost-used jid='{host['jid']}'/></query>")
            wire.quiet = True
            got = wire.read_all()
            wire.close()  # that he has them all is certain by his own end
        eq(sha256(bytes(got)), sha256(data))
        take_notice(alice, "fetched")
        eq(sha256(t.get(url).body), sha256(data))
        ok(not [e for e in alice.have("iq") if e.get("id") == offer.uid], "a second answer to the offer")
