"""A resource's capabilities are asked once for all who show the same, and believed when they have the hash: an offer to a bare
address goes to a resource that can take it, and to Ferry where none can. An answer that does not have the hash counts for
nothing, and the next one who shows the same is asked."""
import base64
import hashlib

from talk import *

NODE = "http://client.test/"


def caps(features):
    text = "client/pc//Test<" + "".join(f + "<" for f in sorted(features))
    ver = base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()
    info = (f"<query xmlns='{NS['disco']}' node='{NODE}#{ver}'><identity category='client' type='pc' name='Test'/>" +
            "".join(f"<feature var='{f}'/>" for f in features) + "</query>")
    return f"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{NODE}' ver='{ver}'/>", ver, info


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice = t.xmpp(ferry, "alice")
    c, ver, info = caps([NS["disco"]])
    liar = t.xmpp(ferry, "bob", resource="liar", presence=False)
    liar.presence(priority=3, extra=c)
    asked = liar.take("iq[@type='get']/{disco}query", from_="upload.localhost")
    eq(asked.find("query")["node"], f"{NODE}#{ver}")
    forged = info.replace("</query>", f"<feature var='{NS['si']}'/></query>")

    plain = t.xmpp(ferry, "bob", resource="plain", presence=False)
    plain.presence(priority=5, extra=c)
    plain.sync()
    ok(not plain.have("iq[@type='get']"), "asked of two at once")
    unknown = alice.offer("bob@localhost", name="a.txt", data=b"one")
    plain.expect_offer().decline("forbidden")  # nothing is known yet
    unknown.refused("forbidden")

    liar.result(asked, forged)
    plain.result(plain.take("iq[@type='get']/{disco}query"), info)
    plain.sync()
    liar.presence(priority=3)  # shows none any more

    offer = alice.offer("bob@localhost", name="a.txt", data=b"one")
    liar.expect_offer().decline("forbidden")
    offer.refused("forbidden")
    liar.end()

    able, _, info = caps([NS["si"], NS["disco"]])
    si = t.xmpp(ferry, "bob", resource="si", presence=False)
    si.presence(priority=1, extra=able)
    si.result(si.take("iq[@type='get']/{disco}query"), info)
    si.sync()
    offer = alice.offer("bob@localhost", name="a.txt", data=b"one")
    si.expect_offer().decline("forbidden")
    offer.refused("forbidden")
    again = t.xmpp(ferry, "bob", resource="again", presence=False)
    again.presence(priority=1, extra=c)
    again.expect_nothing()  # known for all
    si.end()
    alice.offer("bob@localhost", name="b.txt", data=b"two").accepted("ibb")
    plain.expect_nothing()
