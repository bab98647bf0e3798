"""What is under way counts as an offer of its sender, whatever brings it: with [limits] offers_per_user reached by an in-band stream, a
bytestream and a Jingle session, from two of his sessions, the next is refused in the words of each protocol, until one of them ends."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"limits.offers_per_user": 3})
    alice, other, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "alice", resource="other"), t.xmpp(ferry, "carol")
    data, own = b"0123456789", t.streamhost()

    offer = alice.offer("bob@localhost", "a.bin", data, methods=("ibb",))
    offer.accepted()
    alice.ibb_open(offer.to, offer.sid)
    alice.ibb_blocks(offer.to, offer.sid, data[:5])

    second = other.offer("carol@localhost/nobody", "b.bin", data, methods=("s5b",))
    second.accepted()
    uid = other.s5b_query(second.to, second.sid, [own])
    wire = own.accept()
    wire.serve(dst_addr(second.sid, other.jid, second.to))
    other.s5b_used(uid, second.to, other.jid)
    wire.write(data[:5])

    j = alice.jingle("bob@localhost", "c.bin", data)
    j.accepted()
    alice.ibb_open(j.to, j.stream)
    alice.ibb_blocks(j.to, j.stream, data[:5])

    for to in ("bob@localhost", carol.jid):
        alice.offer(to, "d.bin", data).refused("resource-constraint", type="wait")
    other.jingle("bob@localhost", "e.bin", data).turned_down("busy")
    carol.offer("bob@localhost", "f.bin", data).accepted()

    alice.ibb_blocks(offer.to, offer.sid, data[5:], seq=1)
    eq(alice.ibb_close(offer.to, offer.sid)["type"], "result")
    other.offer("bob@localhost", "d.bin", data).accepted()
    wire.write(data[5:])
    wire.close()
    alice.ibb_blocks(j.to, j.stream, data[5:], seq=1)
    eq(alice.ibb_close(j.to, j.stream)["type"], "result")
    j.succeeded()
