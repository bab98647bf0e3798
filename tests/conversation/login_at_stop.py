"""SIGTERM while logins are being looked up and checked: the daemon ends with 0 and has forgotten nothing."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice", user("old", legacy=True)], conf={"limits.failed_logins": "1000"})
    plain = base64.b64encode(b"\0alice\0wrong").decode()
    for round in range(4):
        xs = [t.xmpp(ferry, tls="direct") for _ in range(8)]
        for x in xs:
            x.open_stream()
        for x in xs:
            x.sasl_auth("PLAIN", plain)
        ferry.stop()
        for x in xs:
            x.expect_eof()
        ferry.start()
