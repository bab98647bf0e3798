"""A real client, libgloox, logs in."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    g = t.gloox(ferry, "alice", "take", t.path("x"), "ibb")
    g.expect_line("online")
    ferry.log_expect(r" login user=alice@localhost mechanism=")
    g.end()
