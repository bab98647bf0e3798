"""Each reason not to take an offer has its own condition: unknown user, no address, quota, strangers, too big (with the limit)."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"],
                    conf={"storage.max_file_size": "64K", "storage.inbox_quota": "100K", "offers.accept_from": "contacts"})
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob")
    alice.befriend(bob)
    bob.end()
    alice.offer("nobody@localhost", "a.txt", b"1234").refused("service-unavailable")
    alice.offer(None, "a.txt", b"1234").refused("jid-malformed")
    alice.offer("carol@localhost", "a.txt", b"1234").refused("forbidden")
    el = alice.offer("bob@localhost", "a.txt", size=65537).refused("forbidden", type="auth")
    ok("64K" in el.xml(), "the limit in the text")
    alice.send_file("bob@localhost", "a.bin", b"x" * 60000)
    alice.offer("bob@localhost", "b.bin", size=60000).refused("resource-constraint", type="wait")
