"""Row 44: SI without or with an unknown profile, without a common stream method, without an id."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    alice.offer("bob@localhost", "a.txt", b"1", profile=None).refused("bad-request", app="{si}bad-profile")
    alice.offer("bob@localhost", "a.txt", b"1", profile="urn:other").refused("bad-request", app="{si}bad-profile")
    alice.offer("bob@localhost", "a.txt", b"1", methods=()).refused("bad-request", app="{si}no-valid-streams")
    alice.offer("bob@localhost", "a.txt", b"1", methods=("oob",)).refused("bad-request", app="{si}no-valid-streams")
    alice.offer("bob@localhost", "a.txt", b"1", methods=("urn:x:carrier-pigeon",)).refused("bad-request", app="{si}no-valid-streams")
    alice.offer("bob@localhost", "a.txt", b"1", sid="").refused("bad-request")
    alice.offer("bob@localhost", "a.txt", b"1").accepted()
