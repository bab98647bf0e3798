"""Row 22: an iq without id or type, or with no or two children, is a bad-request; an unknown top element ends the stream with
unsupported-stanza-type."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    for attrs, inner in (("type='get'", "<q xmlns='urn:x'/>"), ("id='1'", "<q xmlns='urn:x'/>"), ("type='get' id='2'", ""),
                         ("type='odd' id='3'", "<q xmlns='urn:x'/>"),
                         ("type='set' id='4'", "<q xmlns='urn:x'/><q xmlns='urn:x'/>")):
        alice.send(f"<iq {attrs} to='{bob.jid}'>{inner}</iq>")
        expect_error(alice.expect("iq[@type='error']"), "bad-request", type="modify")
    alice.send(f"<iq type='result' to='{bob.jid}'/>")  # never answered, never passed on
    alice.expect_nothing()
    bob.expect_nothing()
    for top in ("<letter/>", "<message xmlns='urn:x'/>", "<x xmlns='urn:y'/>"):
        x = t.xmpp(ferry, "alice")
        x.send(top)
        x.expect_stream_error("unsupported-stanza-type")
        x.expect_close(tag=True)
