"""A file offered by SI and sent in band to a user who is offline becomes a link that he gets when he is back."""
import os
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    data = os.urandom(50001)
    alice.send_file("bob@localhost", "notes.txt", data, method="ibb")
    take_notice(alice, "stored")
    bob = t.xmpp(ferry, "bob")
    url, message = take_link(bob, "alice@localhost")
    eq(message.get("type"), "chat")
    ok(re.fullmatch(re.escape(ferry.url("/f/")) + r"[A-Za-z0-9_-]{38}/notes\.txt", url), f"the link is {url}")
    r = t.get(url)
    eq(r.status, 200)
    eq(r.body, data)
    ferry.restart()
    eq(t.get(url).body, data)
