"""Messages for who is away wait for him (XEP-0160), over a restart, with the time of their arrival; each comes once."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    for kind in ("chat", "normal"):
        alice.message("bob@localhost", f"later: {kind}", type=kind)
    alice.message("bob@localhost/gone", "to a resource")
    alice.message("bob@localhost", "news", type="headline")
    alice.send("<message to='bob@localhost' type='chat'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>")
    alice.message("bob@localhost", "not to be kept", extra="<no-store xmlns='urn:xmpp:hints'/>")
    alice.message("bob@localhost", "a room's", type="groupchat")
    expect_error(alice.expect("message[@type='error']"), "service-unavailable")
    alice.message("nobody@localhost", "hello?")  # behind the others on the way to the disk: they are there now
    expect_error(alice.expect("message[@type='error']", from_="nobody@localhost"), "service-unavailable")
    alice.end()
    ferry.restart()
    silent = t.xmpp(ferry, "bob", resource="silent", priority=-1)
    silent.expect_nothing()
    bob = t.xmpp(ferry, "bob", resource="talk")
    for body, to in (("later: chat", "bob@localhost"), ("later: normal", "bob@localhost"), ("to a resource", "bob@localhost/gone")):
        m = bob.expect("message", body=body, to=to, from_=alice.jid)
        ok(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", m.find("{delay}delay")["stamp"]), "a stamp")
    bob.expect_nothing()
    silent.presence(priority=1)
    silent.expect_nothing()
    bob.end(), silent.end()
    again = t.xmpp(ferry, "bob")
    again.expect_nothing()
