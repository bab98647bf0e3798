"""A receiver's error to the link message is swallowed: the sender hears nothing of it, and the file is marked as failed to be told."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    bob.auto_pong = False
    alice.send_file("bob@localhost/gone", "a.txt", b"1234")
    take_notice(alice, "stored")
    _, m = take_link(bob)
    bob.send(f"<message type='error' to='{m['from']}' id='{m['id']}'><error type='cancel'>"
             f"<feature-not-implemented xmlns='{NS['stanzas']}'/></error></message>")
    bob.auto_pong = True
    for ping in bob.have("iq/{ping}ping"):
        bob.result(ping)
    t.pump(lambda: [o["told"] for o in ferry.ctl("ls", "--json").objects] == ["failed"], "the mark", 20)
    alice.expect_nothing()
