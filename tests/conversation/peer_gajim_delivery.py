"""Gajim 1.7 shows that it takes files by Jingle, acknowledges what it is offered, and falls over it: what waits for its user is not stuck
behind that, but comes as a link when the time of its first offer is over."""
from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.delivery": "transfer", "offers.answer_timeout": "6s"})
    alice = t.xmpp(ferry, "alice")
    for name in ("a.txt", "b.txt"):
        alice.send_file("bob@localhost", name, name.encode())
        take_notice(alice, "stored")
    bob = t.gajim(ferry, "bob")
    for name in ("a.txt", "b.txt"):
        url = bob.expect_line(rf"^message alice@localhost\S* (http\S+/{name})$")[1]
        eq(t.get(url).body, name.encode())
    ferry.log_expect("jingle-out silent")
    bob.quit()
