"""Upload links are asked for no faster than storage answers: whoever makes offers that nobody can deliver in a row, and waits for nothing,
is heard again when all but 64 of them are done with."""
from talk import *

SOME, UNDER_WAY = 140, 64


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"limits.out_queue": "1M"})
    alice = t.xmpp(ferry, "alice")
    offers = "".join(
        f"<iq type='set' id='o{i}' to='bob@localhost'><si xmlns='{NS['si']}' id='s{i}' profile='{NS['file']}'><file xmlns='{NS['file']}' name='a' size='4'/>"
        f"<feature xmlns='http://jabber.org/protocol/feature-neg'><x xmlns='jabber:x:data' type='form'><field var='stream-method' type='list-single'>"
        f"<option><value>oob</value></option></field></x></feature></si></iq>" for i in range(SOME))
    alice.write(offers + "<iq type='get' id='behind' to='localhost'><ping xmlns='urn:xmpp:ping'/></iq>")
    links = 0
    while (el := alice.next())["id"] != "behind":
        links += el.name == "message"
    ok(links >= SOME - UNDER_WAY, f"{links} links before the answer")
    for _ in range(SOME - links):
        alice.take("message/{ferry}transfer[@state='upload']")
