"""What somebody was certainly told while the index could not be written is not forgotten: the mark is written as soon as it can be, and
nobody hears it twice meanwhile, whoever comes and goes. The transfer that is to follow a link waits for its mark, too."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    ferry.ctl("user", "set", "carol@localhost", "delivery", "both")
    alice = t.xmpp(ferry, "alice", auto_pong=False)
    alice.send_file("bob@localhost", "a.txt", b"for bob")
    alice.send_file("carol@localhost", "c.txt", b"for carol")
    alice.take("message/{ferry}transfer")
    bob, carol = t.xmpp(ferry, "bob", auto_pong=False), t.xmpp(ferry, "carol", auto_pong=False)
    asked = []
    for one in (bob, carol):
        take_link(one, "alice@localhost")
        asked.append((one, one.take("iq/{ping}ping")))
    asked.append((alice, alice.take("iq/{ping}ping")))
    outbox = lambda: ferry.ctl("status").dict["outbox"]

    held = ferry.hold_index()
    mark = ferry.log_mark()
    for one, ping in asked:
        one.auto_pong = True
        one.result(ping)
    ferry.log_expect("an outbox mark waits", since=mark)
    again = t.xmpp(ferry, "bob", resource="again")
    again.expect_nothing(skip=("presence",))
    ok(not carol.have("iq/{si}si"), "an offer before its link's mark")
    held.close()

    carol.expect_offer().decline("forbidden")
    t.pump(lambda: outbox() == "0", "an empty outbox")
    for one in (alice, bob, carol, again):
        one.expect_nothing(skip=("presence",))
