"""XEP-0353: a session that is proposed by message is the person's to answer: those who are there get it, from an absent one nothing
comes back, and it is not stored as if it were words; a session-initiate that follows is taken."""
from talk import *

PROPOSE = ("<propose xmlns='urn:xmpp:jingle-message:0' id='p1'><description xmlns='urn:xmpp:jingle:apps:file-transfer:5'><file>"
           "<name>a.txt</name><size>5</size></file></description></propose>")


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    propose = f"<message type='chat' id='p1' to='bob@localhost'>{PROPOSE}</message>"
    alice.send(propose)
    alice.expect_nothing()
    alice.jingle_send("bob@localhost", "a.txt", b"12345")
    bob = t.xmpp(ferry, "bob")
    take_link(bob, "alice@localhost")
    bob.expect_nothing()
    alice.send(propose)
    ok(bob.take("message/{urn:xmpp:jingle-message:0}propose")["from"] == alice.jid)
