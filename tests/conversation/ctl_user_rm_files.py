"""With a user go the files he stored and those that were left for him; other people's stay."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"])
    path, links = t.write("a.txt", "bytes"), {}
    for owner, to in (("alice", "carol"), ("carol", "alice"), ("alice", "bob")):
        links[owner, to] = ferry.ctl("send", path, f"{to}@localhost", "--from", f"{owner}@localhost").out.strip()
        eq(t.get(links[owner, to]).status, 200)
    ferry.ctl("user", "rm", "carol@localhost")
    eq({pair: t.get(link).status for pair, link in links.items()},
       {("alice", "carol"): 410, ("carol", "alice"): 410, ("alice", "bob"): 200})
    eq([(r["jid"], r["files"], r["used"]) for r in ferry.ctl("user", "ls", "--json").objects],
       [("alice@localhost", 1, 5), ("bob@localhost", 0, 0)], "the room is free again")
