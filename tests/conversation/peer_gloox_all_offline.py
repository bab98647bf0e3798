"""libgloox offers all it can (in band, out of band, bytestreams) to a user who is offline: Ferry picks in band, and he gets the link."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    path = t.write("a note.txt", b"x" * 70000)
    alice = t.gloox(ferry, "alice", "send", "bob@localhost/Gajim", path, "all")
    alice.expect_line("notice stored")
    eq(alice.wait(), 0)
    ok(ferry.log_has(r"offer accepted .*by=ibb"), "not in band")
    bob = t.xmpp(ferry, "bob")
    url, _ = take_link(bob, "alice@localhost")
    ok(url.endswith("/a%20note.txt"), url)
    eq(t.get(url).body, b"x" * 70000)
