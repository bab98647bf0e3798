"""Row 24: errors and results are never answered, whoever they are for."""
from talk import *

ERROR = "<error type='cancel'><item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    for to in ("nobody@localhost", "nobody@localhost/x", "localhost", "upload.localhost", "else.example", "alice@localhost/gone",
               "bad@@address", alice.bare):
        alice.send(f"<message type='error' to='{to}' id='m'>{ERROR}</message>")
        alice.send(f"<presence type='error' to='{to}' id='p'>{ERROR}</presence>")
        alice.send(f"<iq type='error' id='e' to='{to}'>{ERROR}</iq><iq type='result' id='r' to='{to}'/>")
    alice.expect_nothing(skip=())
    alice.message(alice.jid, "to himself")
    alice.expect("message", body="to himself")
    alice.expect_nothing(skip=())
