"""libpurple sends to a contact who is there with profanity, which cannot take files: the filebox beside it can, and profanity shows the
link at once."""
import os

from talk import *


def run(t):
    t.own_network()
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.filebox": "on"})
    t.befriended(ferry, "alice", "bob")
    alice = t.purple(ferry, "alice")
    alice.expect_line(r"^buddy on bob@localhost")
    bob = t.profanity(ferry, "bob")
    data = os.urandom(200_001)
    alice.send(f"send bob@localhost/ferry {t.write('a.bin', data)}")
    alice.expect_line(r"^sent a\.bin$")
    alice.expect_line(r'^message upload\.localhost "a\.bin" .* is stored')
    bob.send("/msg alice@localhost")
    link = bob.expect_line(rf"{re.escape(ferry.url('/f/'))}[\w-]{{38}}/a\.bin")[0]
    eq(t.get(link).body, data)
    alice.quit()
    bob.quit()
