"""`ferryctl send --once` tells the receiver of a link that works once; with its fetch the sender gets the notice, and the file goes."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    alice.befriend(bob)
    path = t.write("note.txt", b"0123456789")
    link = ferry.ctl("send", path, "bob@localhost", "--from", "alice@localhost", "--once").out.strip()
    url, _ = take_link(bob, "alice@localhost")
    eq(url, link)
    eq(t.head(url).status, 200)
    alice.sync()
    eq(alice.have("message"), [], "nothing was fetched")
    eq(t.get(url).body, b"0123456789")
    take_notice(alice, "fetched")
    t.pump(lambda: t.get(url).status == 410, "the file to be gone")
    eq(ferry.ctl("show", url.split("/f/")[1].split("/")[0]).dict["reason"], "once")
