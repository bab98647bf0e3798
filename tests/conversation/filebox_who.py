"""Who sees a filebox: a client that sends by what no resource of the owner takes, and that does not share links; not one that shares
links, nor one that can send nothing. It goes with the subscription, with a block of either, with the owner's takeover, and with the
key, and comes back with them."""
import base64
import hashlib

from talk import *

NODE, BOX = "http://client.test/", "bob@localhost/ferry"
OOB = "jabber:x:oob"


def show(x, *features, known=False):
    """The client shows capabilities, and proves them if nobody has."""
    features = sorted((NS["disco"],) + features)
    ver = base64.b64encode(hashlib.sha1(("client/pc//Test<" + "".join(f + "<" for f in features)).encode()).digest()).decode()
    x.presence(extra=f"<c xmlns='http://jabber.org/protocol/caps' hash='sha-1' node='{NODE}' ver='{ver}'/>")
    if not known:
        x.result(x.take("iq[@type='get']/{disco}query"), f"<query xmlns='{NS['disco']}' node='{NODE}#{ver}'><identity category='client' type='pc' "
                 "name='Test'/>" + "".join(f"<feature var='{f}'/>" for f in features) + "</query>")
    x.sync()


def appears(x):
    x.take("presence[not(@type)]", from_=BOX)


def goes(x):
    x.take("presence[@type='unavailable']", from_=BOX)


def block(x, who, name="block"):
    eq(x.iq_set(f"<{name} xmlns='urn:xmpp:blocking'><item jid='{who}'/></{name}>")["type"], "result")


def run(t):
    ferry = t.ferry(users=["alice", "bob"], conf={"offers.filebox": "on", "http.public_url": "https://localhost"})
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob", resource="desk")
    alice.befriend(bob)
    bob.end()
    appears(alice)

    show(alice, NS["si"], OOB)  # it shares links
    goes(alice)
    show(alice)  # it sends nothing
    show(alice, NS["jft5"])
    appears(alice)

    bob = t.xmpp(ferry, "bob", resource="desk")  # shows no capabilities: takes SI perhaps, no Jingle
    bob.sync()
    ok(not alice.have(f"presence[@type='unavailable'][@from='{BOX}']"), "the box went though nobody takes Jingle")
    show(bob, NS["jft5"], known=True)
    goes(alice)
    show(bob, NS["si"])
    appears(alice)

    block(bob, "alice@localhost")
    goes(alice)
    expect_error(alice.iq_get(f"<query xmlns='{NS['disco']}'/>", BOX), "service-unavailable")
    block(bob, "alice@localhost", "unblock")
    appears(alice)
    block(bob, "alice@localhost")
    goes(alice)
    bob.end()  # the list of one who is away
    alice.presence(type="unavailable")
    alice.sync()
    alice.presence()
    expect_error(alice.iq_get(f"<query xmlns='{NS['disco']}'/>", BOX), "service-unavailable")  # asked after the box's own question
    ok(not alice.have(f"presence[@from='{BOX}']"), "a box of one who blocks")
    bob = t.xmpp(ferry, "bob", resource="desk", presence=False)
    block(bob, "alice@localhost", "unblock")
    alice.presence(extra="<status>old</status>")
    appears(alice)
    block(alice, "bob@localhost")
    goes(alice)
    block(alice, "bob@localhost", "unblock")
    appears(alice)

    bob.message("upload.localhost", "takeover off")
    goes(alice)
    bob.message("upload.localhost", "takeover on")
    appears(alice)
    ferry.write_conf(**{"offers.filebox": "off"})
    ferry.reload()
    goes(alice)
    expect_error(alice.iq_get(f"<query xmlns='{NS['disco']}'/>", BOX), "service-unavailable")
    ferry.write_conf(**{"offers.filebox": "on"})
    ferry.reload()
    appears(alice)

    show(bob, NS["disco"] + "x")  # knows nothing of files; but his second resource may
    goes(alice)  # until it was known
    appears(alice)
    silent = t.xmpp(ferry, "bob", resource="silent")
    ferry.ctl("user", "set", "bob@localhost", "delivery", "transfer")
    goes(alice)
    ferry.ctl("send", "--from", "alice@localhost", t.write("a.txt", b"1234"), "bob@localhost")
    silent.send_error(silent.take("iq/{si}si"), "feature-not-implemented", code=501)  # it does not, as is found out now
    appears(alice)

    alice.presence(type="unsubscribe", to="bob@localhost")
    goes(alice)
