"""Row 13: a TLS handshake that is silent, or drips, is closed at its absolute deadline, on both listeners."""
import time

from talk import *


def run(t):
    ferry = t.ferry(conf={"limits.handshake": "1s", "limits.unauthenticated": "60s"})
    silent = t.dial(*ferry.address("xmpp_tls"))
    drip = t.dial(*ferry.address("xmpp_tls"), name="drip")
    begun = time.monotonic()
    x = t.xmpp(ferry)
    x.open_stream().send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
    x.expect("{tls}proceed")
    hello = bytes.fromhex("160301020001000") + b""if False else bytes.fromhex("1603010200010001fc0303") + bytes(40)
    at = [0]

    def feed():
        # a byte whenever the actors are served: activity never moves the deadline
        if not drip.eof and at[0] < len(hello):
            drip.write(hello[at[0]:at[0] + 1], quiet=True)
            at[0] += 1
        return silent.eof and drip.eof and x.eof
    while not feed():
        try:
            t.pump(lambda: silent.eof and drip.eof and x.eof, "a closed handshake", 0.1)
        except Failure:
            ok(time.monotonic() - begun < 15, "handshakes are still open")
    ok(time.monotonic() - begun > 0.8, "closed too early")
