"""Row 48: offers that never begin: capped per user, nothing on disk, room again when they expire."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.offers_per_user": 3, "offers.answer_timeout": "5s"})
    alice = t.xmpp(ferry, "alice")
    other = t.xmpp(ferry, "alice", resource="other")
    before = ferry.spool_files()
    for i in range(3):
        alice.offer("bob@localhost", "a.txt", b"1234").accepted()
    alice.offer("bob@localhost", "a.txt", b"1234").refused("resource-constraint", type="wait")
    other.offer("bob@localhost", "a.txt", b"1234").refused("resource-constraint", type="wait")
    files = [f for f in ferry.spool_files() if f not in before and "index" not in f]
    eq(files, [], "files of offers that have not begun")
    for i in range(3):
        take_notice(alice, "failed")
    alice.offer("bob@localhost", "a.txt", b"1234").accepted()
