"""Row 36: a wrong nonce, an extension, channel binding that was not offered, a wrong binding or proof: not-authorized, all of them."""
import base64

from talk import *

MECH = "SCRAM-SHA-256"


def run(t):
    ferry = t.ferry(users=["alice"], conf={"limits.failed_logins": "50"})
    x = t.xmpp(ferry, tls="direct").open_stream()

    def refused(why, **fields):
        s = Scram(MECH, "alice", "secret-alice", gs2=fields.pop("gs2", "n,,"))
        for key, value in fields.items():
            setattr(s, key, value)
        ok(x.sasl(MECH, None, None, s).matches("{sasl}failure/not-authorized"), why)
    refused("another nonce", sent_nonce="abcdefgh")
    refused("a wrong proof", proof=bytes(32))
    refused("a short proof", proof=bytes(20))
    refused("channel binding", gs2="p=tls-exporter,,")
    # m= in front of the name
    x.sasl_auth(MECH, base64.b64encode(b"n,,m=x,n=alice,r=abcdefgh").decode())
    x.expect("{sasl}failure/not-authorized")
    # a binding that is not what the first message said
    s = Scram(MECH, "alice", "secret-alice")
    x.sasl_auth(MECH, base64.b64encode(s.first().encode()).decode())
    server_first = base64.b64decode(x.expect("{sasl}challenge").text).decode()
    s.gs2 = "y,,"
    final = s.final(server_first)
    x.send(f"<response xmlns='{NS['sasl']}'>{base64.b64encode(final.encode()).decode()}</response>")
    x.expect("{sasl}failure/not-authorized")
    # `y` is no lie: nothing was offered
    ok(x.sasl(MECH, None, None, Scram(MECH, "alice", "secret-alice", gs2="y,,")).matches("{sasl}success"), "no success")
