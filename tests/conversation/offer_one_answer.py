"""There is no room for the file when the receiver reaches no stream host: the sender hears so once. When the receiver leaves after that,
nothing is said of that list again, and where there is room by then the sender may still send in band."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.inbox_quota": "1000"})
    alice = t.xmpp(ferry, "alice")
    data = b"x" * 2000
    for room in (False, True):
        bob = t.xmpp(ferry, "bob", resource="desk")
        offer = alice.offer(bob.jid, "a.bin", data, methods=("s5b", "ibb"))
        bob.expect_offer().accept("s5b")
        offer.accepted("s5b")
        uid = alice.s5b_query(bob.jid, offer.sid, [t.streamhost()])
        bob.send_error(bob.take("iq/{s5b}query"), "item-not-found", code=404)
        expect_error(alice.answer(uid, bob.jid), "item-not-found")
        if room:
            ferry.ctl("user", "quota", "bob@localhost", "--inbox", "10K")
        mark = ferry.log_mark()
        bob.abort()
        ferry.log_expect(r"asked -> (fallback|accepted)" if room else "offer ended", since=mark)
        alice.sync()
        ok(not alice.have("iq"), "a second answer")
        if room:
            alice.ibb_send(bob.jid, offer.sid, data)
            take_notice(alice, "stored")
        else:
            take_notice(alice, "failed")
