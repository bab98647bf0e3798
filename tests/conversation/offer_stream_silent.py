"""The receiver accepted and is silent about the stream hosts: when the stage's time is over Ferry joins our proxy for him, and does
not dial beside him; his late answer ends at Ferry. A restart in the middle refuses what was under way, in plain words."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.answer_timeout": "4s"})
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    proxy, own = alice.proxy_address(), t.streamhost()

    def asked(hosts):
        offer = alice.offer(bob.jid, "a.txt", b"1234")
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        return offer, alice.s5b_query(bob.jid, offer.sid, hosts), bob.take("iq/{s5b}query")

    offer, uid, el = asked([own, proxy])
    alice.s5b_used(uid, bob.jid, proxy[0])
    wire = t.socks(proxy[1], proxy[2], dst_addr(offer.sid, alice.jid, bob.jid))
    eq(alice.activate(offer.sid, bob.jid)["type"], "result")
    bob.result(el, f"<query xmlns='{NS['s5b']}' sid='{offer.sid}'><streamhost-used jid='{alice.jid}'/></query>")
    wire.write(b"1234")
    wire.close()
    take_notice(alice, "stored")
    eq(t.get(take_link(bob, "alice@localhost")[0]).body, b"1234")

    offer, uid, el = asked([own])
    expect_error(alice.answer(uid, bob.jid), "item-not-found")
    eq(own.count, 0, "dialled while the receiver may be dialling")
    bob.send_error(el, "item-not-found", code=404)
    bob.sync()
    alice.sync()
    ok(not alice.have("iq"), "his late answer")

    away = alice.offer("bob@localhost/gone", "a.txt", b"12345678", methods=("ibb",))
    away.accepted("ibb")
    alice.ibb_open(away.to, away.sid)
    alice.ibb_blocks(away.to, away.sid, b"1234")
    ferry.restart(kill=True)
    alice = t.xmpp(ferry, "alice", resource=alice.resource)
    expect_error(alice.answer(alice.ibb_data(away.to, away.sid, 1, b"5678"), away.to), "item-not-found")
    expect_error(alice.ibb_open(away.to, away.sid), "not-acceptable")
    eq(take_notice(alice, "failed").find("transfer")["why"], "broken-off")
