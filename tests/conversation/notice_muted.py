"""A user who has muted his notices hears of no file that was stored, but of each that was not; those that waited for him are taken
back when he mutes."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice", auto_pong=False)
    alice.send_file("bob@localhost", "a.txt", b"1234", method="ibb")
    take_notice(alice, "stored")
    alice.abort()  # it was never certain that the notice came: it waits
    eq(ferry.ctl("status").dict["outbox"], "2")
    ferry.ctl("user", "set", "alice@localhost", "mute", "on")
    eq(ferry.ctl("status").dict["outbox"], "1")

    alice = t.xmpp(ferry, "alice")
    alice.send_file("bob@localhost", "b.txt", b"1234", method="ibb")
    offer = alice.offer("bob@localhost", "c.txt", b"1234", methods=("ibb",))
    offer.accepted()
    alice.ibb_open("bob@localhost", offer.sid, 4096)
    alice.ibb_close("bob@localhost", offer.sid)
    notice = alice.expect("message", skip=("presence",))
    eq(notice.find("{ferry}transfer")["state"], "failed")
    alice.expect_nothing()

    ferry.ctl("user", "set", "alice@localhost", "mute", "off")
    alice.send_file("bob@localhost", "d.txt", b"1234", method="ibb")
    take_notice(alice, "stored")
