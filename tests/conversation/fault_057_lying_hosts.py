"""Row 57: hosts that lie or drip in the SOCKS reply: the next one is tried, then item-not-found, all within the handshake time."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()

    def ask(wire):
        wire.greeting()
        wire.write(b"\x05\x00")
        return wire.request()[2]

    lies = [lambda w: w.write(b"HTTP/1.1 400 Bad Request\r\n"), lambda w: (w.greeting(), w.write(b"\x05\xff")),
            lambda w: w.reply(ask(w), rep=5), lambda w: w.reply(ask(w), version=4),
            lambda w: (ask(w), w.write(b"\x05\x00\x00\x03\x00\x00\x00")), lambda w: (ask(w), w.write(b"\x05\x00\x00\x09\x00\x00"))]
    for lie in lies:
        liar, honest = t.streamhost(), t.streamhost()
        uid = alice.s5b_query("bob@localhost", offer.sid, [liar, honest])
        lie(liar.accept())
        wire = honest.accept()
        wire.greeting()
        wire.write(b"\x05\xff")
        expect_error(alice.answer(uid), "item-not-found")
        liar.close()
        honest.close()
    drip = t.streamhost()
    ferry.reload(**{"limits.handshake": "4s"})
    uid = alice.s5b_query("bob@localhost", offer.sid, [drip])
    wire = drip.accept()
    ask(wire)
    wire.write(b"\x05\x00\x00\x03\xff" + b"a" * 100)
    expect_error(alice.answer(uid), "item-not-found")
