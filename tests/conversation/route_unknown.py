"""Every unknown iq, host and user is answered at once with an error from the address that was asked."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    for to, condition in (("localhost", "service-unavailable"), ("upload.localhost", "service-unavailable"),
                          ("proxy.localhost", "service-unavailable"), ("bob@localhost", "service-unavailable"),
                          ("alice@localhost", "service-unavailable"), ("bob@localhost/gone", "service-unavailable"),
                          ("nobody@localhost", "service-unavailable"), ("nobody@localhost/x", "service-unavailable"),
                          ("localhost/x", "service-unavailable"), ("x@upload.localhost", "service-unavailable"),
                          ("else.example", "remote-server-not-found"), ("bob@else.example/y", "remote-server-not-found")):
        for kind in ("get", "set"):
            uid = alice.send_iq(kind, "<odd xmlns='urn:odd'/>", to)
            expect_error(alice.answer(uid, to=to), condition)
    expect_error(alice.iq_get("<odd xmlns='urn:odd'/>"), "service-unavailable")
    for to, condition in (("nobody@localhost", "service-unavailable"), ("nobody@localhost/x", "service-unavailable"),
                          ("localhost", "service-unavailable"), ("bob@else.example", "remote-server-not-found")):
        alice.message(to, "hello?")
        expect_error(alice.expect("message[@type='error']", from_=to), condition)
    bob.expect_nothing()
