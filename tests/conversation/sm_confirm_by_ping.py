"""A client without stream management confirms by what it answers to a ping sent behind the message, an error too, or by its
closing tag; without any of it the message comes again."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")

    def login():
        bob = t.xmpp(ferry, "bob", presence=False)
        bob.auto_pong = False
        bob.presence()
        return bob

    def none_left():
        bob = login()
        bob.sync()
        eq(bob.have("message"), [])
        bob.end()
    alice.message("bob@localhost", "one")
    alice.sync()
    bob = login()
    bob.take("message", body="one")
    bob.take("iq[@type='get']/{ping}ping")
    bob.abort()  # nothing was confirmed
    bob = login()
    bob.take("message", body="one")
    ping = bob.take("iq[@type='get']/{ping}ping")
    bob.send_error(ping, "service-unavailable")
    bob.sync()
    bob.abort()
    none_left()
    alice.message("bob@localhost", "two")
    alice.sync()
    bob = login()
    bob.take("message", body="two")
    bob.end()
    none_left()
