"""C4: an empty <range/> in the offer gets no range in the answer: nothing is held yet."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", range=True)
    offer.accepted()
    ok(offer.reply.find("si/{file}file") is None, "no file element in the answer")
