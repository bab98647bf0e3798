"""A subscription request waits for who is away, over a restart; to nobody it is refused at once."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.roster()
    alice.presence(type="subscribe", to="nobody@localhost")
    expect_error(alice.take("presence[@type='error']", from_="nobody@localhost"), "service-unavailable")
    alice.presence(type="subscribe", to="bob@localhost")
    alice.take("iq/{roster}query/item[@jid='bob@localhost'][@ask='subscribe']")
    alice.end()
    ferry.restart()
    for _ in range(2):  # it comes at each login until it is answered
        bob = t.xmpp(ferry, "bob", presence=False)
        bob.expect_nothing(skip=())
        bob.presence()
        bob.take("presence[@type='subscribe']", from_="alice@localhost")
        bob.presence(priority=1)  # and not at each presence
        bob.sync()
        eq(bob.have("presence[@type='subscribe']"), [])
        if _ == 0:
            bob.end()
    bob.presence(type="subscribed", to="alice@localhost")
    bob.take("iq", where=lambda e: True, id=bob.send_iq("get", "<ping xmlns='urn:xmpp:ping'/>"))
    alice = t.xmpp(ferry, "alice")
    alice.take("presence[not(@type)]", from_=bob.jid)
    eq(alice.roster()["bob@localhost"]["subscription"], "to")
