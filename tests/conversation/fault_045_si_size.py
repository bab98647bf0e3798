"""Row 45: a size that is no number of bytes is a bad request; one above the limit is forbidden, and the limit is said."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"storage.max_file_size": "1M"})
    alice = t.xmpp(ferry, "alice")
    for size in ("-1", "+5", "", " 5", "5 ", "0x10", "1e3", "9223372036854775808", "99999999999999999999999", "five", None):
        alice.offer("bob@localhost", "a.txt", size=size).refused("bad-request")
    for size in (1048577, 9223372036854775807):
        el = alice.offer("bob@localhost", "a.txt", size=size).refused("forbidden")
        ok("1M" in el.xml(), "the limit is in the text")
    alice.offer("bob@localhost", "a.txt", size=1048576).accepted()
