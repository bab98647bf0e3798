"""A user's own takeover and accept_from decide about offers to him while he is away, and outlive a restart; `default` gives the word
back to the site; a removed account's settings go with it."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])

    def offer():
        return alice.offer("bob@localhost", "a.txt", b"1234", methods=("ibb",))

    def shown():
        return {r["key"]: (r["value"], r["by"]) for r in ferry.ctl("user", "show", "bob@localhost", "--json").objects}

    site = {"takeover": ("on", "site"), "delivery": ("link", "site"), "mute": ("off", "site"), "accept_from": ("domain", "site")}
    eq(shown(), site)
    alice = t.xmpp(ferry, "alice")
    offer().accepted()
    ferry.ctl("user", "set", "bob@localhost", "takeover", "off")
    offer().refused("service-unavailable")
    ferry.restart()
    eq(shown(), site | {"takeover": ("off", "user")})
    alice = t.xmpp(ferry, "alice")
    offer().refused("service-unavailable")
    ferry.ctl("user", "set", "bob@localhost", "takeover", "default")
    ferry.ctl("user", "set", "bob@localhost", "accept_from", "contacts")
    offer().refused("forbidden")
    ferry.ctl("user", "set", "bob@localhost", "accept_from", "any")
    offer().accepted()
    eq(shown(), site | {"accept_from": ("any", "user")})

    ferry.ctl("user", "set", "bob@localhost", "mute", "loud", code=2)
    ferry.ctl("user", "set", "bob@localhost", "colour", "red", code=2)
    ferry.ctl("user", "set", "nobody@localhost", "mute", "on", code=3)
    ferry.ctl("user", "rm", "bob@localhost")
    ferry.ctl("user", "show", "bob@localhost", code=3)
    ferry.ctl("user", "add", "bob@localhost", stdin="other\n")
    eq(shown(), site)


