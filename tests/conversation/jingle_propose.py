"""XEP-0353: a session that is proposed by message is the person's to answer: those who are there get it, and it is never stored as if
it were words. A file for one of whom no client can take it, or who is not there, Ferry says <proceed/> to, and takes the session that
is begun at that address with the proposal's id; <reject/> when it would not be taken; nothing where nobody may know."""
from talk import *

JMI = "urn:xmpp:jingle-message:0"


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"storage.max_file_size": "1M"})
    alice = t.xmpp(ferry, "alice")

    def propose(to, size=5, app=NS["jft5"], id="p1", type="chat"):
        file = f"<file><name>a.txt</name>{'' if size is None else f'<size>{size}</size>'}</file>"
        alice.send(f"<message type='{type}' id='{id}' to='{to}'><propose xmlns='{JMI}' id='{id}'><description xmlns='{app}'>{file}"
                   f"</description></propose><store xmlns='urn:xmpp:hints'/></message>")

    def answered(word, id="p1"):
        m = alice.take("message/{" + JMI + "}" + word, from_="bob@localhost/ferry")
        eq((m.find(word)["id"], m["to"]), (id, alice.jid))
        return m
    for version, size in ((NS["jft5"], 5), (NS["jft"] + "4", None)):
        propose("bob@localhost", size, app=version)
        alice.jingle_send(answered("proceed")["from"], "a.txt", b"12345", sid="p1", stream="p1")
    propose("bob@localhost", 1_048_577)
    ok(answered("reject").find("reject/{jingle}reason/media-error") is not None)
    for word in ("retract", "accept", "finish"):
        alice.send(f"<message type='chat' id='x' to='bob@localhost'><{word} xmlns='{JMI}' id='p1'/></message>")
    propose("bob@localhost", app="urn:xmpp:jingle:apps:rtp:1")
    propose("bob@localhost", app=NS["jft"] + "3")
    propose("bob@localhost", "-1")
    propose("bob@localhost", id="")
    propose("bob@localhost", type="error")
    carol = t.xmpp(ferry, "carol")
    carol.iq_set("<block xmlns='urn:xmpp:blocking'><item jid='alice@localhost'/></block>")
    carol.end()
    for nobody in ("carol@localhost", "nobody@localhost"):
        propose(nobody)
    ferry.log_expect("proposal to=.*nobody.* why=unknown-user")
    alice.sync()
    eq([m for m in alice.have("message") if m.find("{ferry}transfer") is None], [])

    bob = t.xmpp(ferry, "bob")
    for _ in range(2):
        take_link(bob, "alice@localhost")
    propose("bob@localhost", id="p2")  # nobody knows what his client can
    eq(bob.take("message/{" + JMI + "}propose")["from"], alice.jid)
    bob.able("jft5", "jibb")
    propose("bob@localhost", id="p3")
    bob.take("message/{" + JMI + "}propose")
    bob.able("si")
    propose("bob@localhost", id="p4")
    bob.take("message/{" + JMI + "}propose")
    answered("proceed", "p4")
    alice.jingle_send("bob@localhost/ferry", "b.txt", b"54321", sid="p4")
    take_link(bob, "alice@localhost")
