"""While no resource of bob's is there, his contact's old client sees bob@localhost/ferry: extended away, negative priority, and
capabilities that are what they say; what is offered to it Ferry takes. It goes when a resource comes that can take files, and
comes back when that leaves. A resource that is not there answers disco#info. Messages are kept for bob; strangers see nothing."""
import base64
import hashlib

from talk import *

C = "{http://jabber.org/protocol/caps}c"


def features_of(answer):
    return {f["var"] for f in answer.all("query/feature")}


def run(t):
    ferry = t.ferry(users=["alice", "bob", "carol"], conf={"offers.filebox": "on", "offers.accept_from": "any"})
    box, gone = "bob@localhost/ferry", "bob@localhost/desk"
    alice, carol = t.xmpp(ferry, "alice"), t.xmpp(ferry, "carol")
    bob = t.xmpp(ferry, "bob", resource="desk")
    alice.befriend(bob)
    alice.sync()
    ok(not alice.have(f"presence[@from='{box}']"), "a box beside a resource that takes files")
    bob.end()

    shown = alice.take("presence[not(@type)]", from_=box, to=alice.jid)
    eq((shown.text_of("show"), int(shown.text_of("priority")) < 0), ("xa", True))
    c = shown.find(C)
    node = f"{c['node']}#{c['ver']}"
    answer = alice.iq_get(f"<query xmlns='{NS['disco']}' node='{node}'/>", box)
    eq(answer.find("query")["node"], node)
    identity = answer.find("query/identity")
    told = f"{identity['category']}/{identity['type']}//{identity['name']}<" + "".join(f + "<" for f in sorted(features_of(answer)))
    eq(base64.b64encode(hashlib.sha1(told.encode()).digest()).decode(), c["ver"], "the hash of what it can")
    eq((c["hash"], len(answer.find("query").children)), ("sha-1", 1 + len(features_of(answer))))
    ok({NS["si"], NS["file"], NS["s5b"], NS["ibb"], NS["jingle"], NS["jft5"]} <= features_of(answer), answer.xml())
    eq(features_of(alice.iq_get(f"<query xmlns='{NS['disco']}'/>", gone)), features_of(answer))
    expect_error(alice.iq_get(f"<query xmlns='{NS['disco']}' node='other'/>", box), "service-unavailable")
    alice.presence(type="probe", to="bob@localhost")
    alice.take("presence[not(@type)]", from_=box)

    expect_error(carol.iq_get(f"<query xmlns='{NS['disco']}'/>", box), "service-unavailable")
    carol.presence(type="probe", to="bob@localhost")
    carol.expect_nothing(skip=())

    alice.send_file(box, "a.txt", b"to the box")
    alice.jingle_send(box, "b.txt", b"by Jingle")
    alice.message(box, "read me")

    second = t.xmpp(ferry, "alice", resource="second")
    second.take("presence[not(@type)]", from_=box, to=second.jid)

    bob = t.xmpp(ferry, "bob", resource="desk")
    bob.take("message", body="read me")
    for one in (alice, second):
        one.take("presence[@type='unavailable']", from_=box, to=one.jid)
        one.take("presence[not(@type)]", from_=bob.jid)
    bob.presence(type="unavailable")
    for one in (alice, second):
        one.take("presence[not(@type)]", from_=box)
    bob.presence(priority=-5)  # whoever sees it can send to it
    for one in (alice, second):
        one.take("presence[@type='unavailable']", from_=box)
    bob.end()
    alice.take("presence[not(@type)]", from_=box)
    alice.presence(type="unavailable")
    alice.sync()
    alice.presence()
    alice.take("presence[not(@type)]", from_=box)
