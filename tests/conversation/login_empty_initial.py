"""An <auth/> without a first message is asked for it by an empty challenge, in every mechanism."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, tls="direct")
    x.open_stream().sasl_auth("PLAIN")
    eq(x.expect("{sasl}challenge").text, "")
    x.send(f"<response xmlns='{NS['sasl']}'>{base64.b64encode(bytes(1) + b'alice' + bytes(1) + b'secret-alice').decode()}</response>")
    x.expect("{sasl}success")
    y = t.xmpp(ferry, tls="direct")
    y.open_stream().sasl_auth("SCRAM-SHA-256")
    y.expect("{sasl}challenge")
    s = Scram("SCRAM-SHA-256", "alice", "secret-alice")
    b64 = lambda text: base64.b64encode(text.encode()).decode()
    y.send(f"<response xmlns='{NS['sasl']}'>{b64(s.first())}</response>")
    challenge = y.expect("{sasl}challenge")
    y.send(f"<response xmlns='{NS['sasl']}'>{b64(s.final(base64.b64decode(challenge.text).decode()))}</response>")
    s.verify(base64.b64decode(y.expect("{sasl}success").text).decode())
