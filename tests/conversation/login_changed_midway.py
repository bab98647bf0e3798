"""A login that was begun with the old password ends with it: nobody comes in by it after the change, nor stays without a resource."""
import base64

from talk import *


def b64(text):
    return base64.b64encode(text.encode()).decode()


def run(t):
    ferry = t.ferry(users=["bob"], conf={"xmpp.require_tls": "no"})
    midway, unbound = t.xmpp(ferry, name="midway"), t.xmpp(ferry, name="unbound")
    for x in midway, unbound:
        x.open_stream()
    scram = Scram("SCRAM-SHA-256", "bob", "secret-bob")
    midway.send(f"<auth xmlns='{NS['sasl']}' mechanism='SCRAM-SHA-256'>{b64(scram.first())}</auth>")
    challenge = base64.b64decode(midway.expect("{sasl}challenge").text).decode()
    eq(unbound.sasl("SCRAM-SHA-256", "bob", "secret-bob").name, "success")
    unbound.open_stream()
    ferry.ctl("user", "passwd", "bob@localhost", stdin="new-one\n")
    unbound.expect_stream_error("not-authorized")
    midway.send(f"<response xmlns='{NS['sasl']}'>{b64(scram.final(challenge))}</response>")
    el = midway.next()
    eq(el.name, "failure", el.xml())
    eq(midway.sasl("SCRAM-SHA-256", "bob", "new-one").name, "success")
