"""The sender's fetched notice comes with the first whole download: not for HEAD, a page, or a part; once only. C41."""
from talk import *
from talk.slots import BROWSER


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    for name, data in (("a.txt", b"0123456789" * 9000), ("b.txt", b"0123456789" * 90)):
        alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
        if name == "a.txt":
            alice.befriend(bob)
        bob.end()
        alice.send_file("bob@localhost", name, data)
        take_notice(alice, "stored")
        bob = t.xmpp(ferry, "bob")
        url, _ = take_link(bob, "alice@localhost")
        for _ in range(5):
            t.head(url)
        t.get(url, BROWSER)
        t.get(url, {"Range": "bytes=5-9"})
        t.get(url, {"Range": "bytes=-9"})
        alice.sync()
        eq(alice.have("message"), [], "nothing yet")
        eq(t.get(url).body, data)
        take_notice(alice, "fetched")
        t.get(url)
        t.get(url)
        alice.sync()
        eq(alice.have("message"), [], "once only")
        alice.end()
        bob.end()
