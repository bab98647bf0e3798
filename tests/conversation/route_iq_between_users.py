"""IQs between two users pass in both directions untouched, also namespaces nobody here knows (jabber:iq:oob too)."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob", resource="talk")
    for payload in ("<query xmlns='jabber:iq:oob'><url>http://x/y</url></query>", "<odd xmlns='urn:odd'/>",
                    "<query xmlns='http://jabber.org/protocol/disco#info'/>"):
        uid = alice.send_iq("get", payload, "Bob@localhost/talk")
        iq = bob.expect("iq[@type='get']", from_=alice.jid, to="Bob@localhost/talk", id=uid)
        bob.send(f"<iq type='result' to='{alice.jid}' id='{uid}'><done xmlns='urn:done'/></iq>")
        el = alice.expect("iq[@type='result']", id=uid, from_=bob.jid)
        ok(el.find("{urn:done}done") is not None, "the payload")
        uid = alice.send_iq("set", payload, bob.jid)
        bob.send_error(bob.expect("iq[@type='set']", id=uid), "forbidden", type="auth")
        expect_error(alice.expect("iq[@type='error']", id=uid, from_=bob.jid), "forbidden", type="auth")
