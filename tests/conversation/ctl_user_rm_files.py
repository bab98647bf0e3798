"""With a user go the files he stored and those that were left for him; other people's stay."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    alice = t.xmpp(ferry, "alice")
    links = {}
    for owner, to in (("alice", "carol"), ("carol", "alice"), ("alice", "alice")):
        actor = alice if owner == "alice" else t.xmpp(ferry, owner)
        put, get, headers = actor.slot(f"{owner}.txt", 5)
        eq(t.put(put, b"bytes", headers).status, 201)
        links[owner, to] = get
    ferry.ctl("user", "rm", "carol@localhost")
    eq(t.get(links["carol", "alice"]).status, 410)
    eq(t.get(links["alice", "carol"]).status, 200)
    eq(t.get(links["alice", "alice"]).status, 200)
