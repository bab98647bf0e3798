"""Hundreds of requests in one breath, each of which storage must write: every one is answered, the ping behind them too."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    n = 200
    alice.write("".join(f"<iq type='set' id='r{i}'><query xmlns='jabber:iq:roster'><item jid='c{i}@localhost'/></query></iq>"
                        for i in range(n)) + "<iq type='get' id='end'><ping xmlns='urn:xmpp:ping'/></iq>")
    for i in range(n):
        eq(alice.take("iq", id=f"r{i}")["type"], "result")
    alice.take("iq[@type='result']", id="end")
    eq(len(alice.roster()), n)
    alice.write("".join(f"<presence type='subscribe' to='c{i}@localhost'/>" for i in range(n)))
    for i in range(n):
        alice.take("presence[@type='error']", from_=f"c{i}@localhost")
    alice.write("".join(f"<message to='bob@localhost'><body>{i}</body></message>" for i in range(90)) +
                "".join(f"<iq type='set' id='b{i}'><block xmlns='urn:xmpp:blocking'><item jid='d{i}@x.example'/></block></iq>"
                        for i in range(90)))
    for i in range(90):
        eq(alice.take("iq", id=f"b{i}")["type"], "result")
    alice.abort()
    bob = t.xmpp(ferry, "bob")
    for i in range(90):
        bob.take("message", body=str(i))
