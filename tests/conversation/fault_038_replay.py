"""Row 38: a digest or a SCRAM proof that was right on one stream is wrong on another: stream ids and nonces never come twice."""
import base64
import hashlib

from talk import *


def run(t):
    ferry = t.ferry(users=[user("old", legacy=True)])
    x, y = t.xmpp(ferry, listener="legacy"), t.xmpp(ferry, listener="legacy")
    x.open_stream(version=None), y.open_stream(version=None)
    ok(len(x.stream_id) >= 22 and x.stream_id != y.stream_id, f"{x.stream_id} {y.stream_id}")
    digest = hashlib.sha1((x.stream_id + "secret-old").encode()).hexdigest()
    expect_error(y.auth_set("old", digest=digest), "not-authorized", code=401)
    eq(x.auth_set("old", digest=digest)["type"], "result")
    a, b = t.xmpp(ferry, tls="direct").open_stream(), t.xmpp(ferry, tls="direct").open_stream()
    s = Scram("SCRAM-SHA-256", "old", "secret-old")
    first = base64.b64encode(s.first().encode()).decode()
    for z in a, b:
        z.sasl_auth("SCRAM-SHA-256", first)
    one, two = a.expect("{sasl}challenge").text, b.expect("{sasl}challenge").text
    ok(one != two, "one nonce twice")
    final = base64.b64encode(s.final(base64.b64decode(one).decode()).encode()).decode()
    for z, end in (a, "success"), (b, "failure/not-authorized"):
        z.send(f"<response xmlns='{NS['sasl']}'>{final}</response>")
        z.expect("{sasl}" + end)
