"""A Jingle offer to a bare address goes to a resource whose capabilities have it, also one that refused stream initiation, and to Ferry
where none can."""
import base64
import hashlib

from talk import *

NODE = "http://client.test/"


def arrive(t, ferry, resource, priority, features):
    """A client of bob's that shows its capabilities and tells them."""
    text = "client/pc//Test<" + "".join(f + "<" for f in sorted(features))
    ver = base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()
    x = t.xmpp(ferry, "bob", resource=resource, presence=False)
    x.presence(priority=priority, extra=f"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{NODE}' ver='{ver}'/>")
    x.result(x.take("iq[@type='get']/{disco}query"), f"<query xmlns='{NS['disco']}' node='{NODE}#{ver}'><identity category='client' "
             "type='pc' name='Test'/>" + "".join(f"<feature var='{f}'/>" for f in features) + "</query>")
    x.sync()
    return x


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    old = arrive(t, ferry, "old", 5, [NS["si"], NS["disco"]])
    new = arrive(t, ferry, "new", 1, [NS["jft5"], NS["disco"]])
    offer = alice.offer("bob@localhost/new", "a.txt", data=b"one")
    new.send_error(new.expect_offer().el, "service-unavailable")
    offer.accepted()
    j = alice.jingle("bob@localhost", "b.txt", b"two")
    seen = new.expect_jingle()
    new.result(seen.el)
    eq(j.answer()["type"], "result")
    seen.terminate("decline", wait=False)
    j.ended("decline")
    new.end()
    alice.jingle_send("bob@localhost", "c.txt", b"three")
    eq(t.get(take_link(old)[0]).body, b"three")
    old.expect_nothing()
