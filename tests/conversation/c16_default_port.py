"""C16: a stream host without a port means 1080."""
from talk import *


def run(t):
    try:
        own = t.streamhost(port=1080)
    except OSError:
        skip("port 1080 is taken")
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    uid = alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, "127.0.0.1", None)])
    wire = own.accept()
    wire.serve()
    alice.s5b_used(uid, "bob@localhost", alice.jid)
