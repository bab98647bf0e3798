"""C1, C9: exactly one of the offered methods is chosen, whatever their order; unknown ones beside it do no harm."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for methods, chosen in ((("ibb", "s5b"), "ibb"), (("s5b", "ibb"), "ibb"), (("s5b",), "s5b"), (("ibb", "oob", "s5b"), "ibb"),
                            (("urn:x:pigeon", "s5b"), "s5b"), (("oob", "s5b"), "s5b")):
        offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=methods)
        offer.accepted(chosen)
        eq(len(offer.reply.all("si/{feature}feature/{data}x/field/value")), 1, "values")
