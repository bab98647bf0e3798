"""PLAIN over STARTTLS: the right password, again (it is remembered), a wrong one after that; the authorisation identity may
repeat the user."""
import base64

from talk import *


def plain(x, authzid, user, password):
    x.sasl_auth("PLAIN", base64.b64encode(f"{authzid}\0{user}\0{password}".encode()).decode())
    return x.next()


def run(t):
    ferry = t.ferry(users=["alice"])
    for authzid in "", "", "alice@localhost", "Alice@LOCALHOST":
        x = t.xmpp(ferry)
        x.open_stream().starttls().open_stream()
        ok(plain(x, authzid, "alice", "secret-alice").matches("{sasl}success"), "no success")
        x.open_stream()
        eq(x.bind("a")["type"], "result")
    x = t.xmpp(ferry, tls="direct")
    x.open_stream()
    ok(plain(x, "", "alice", "secret-alicf").matches("{sasl}failure/not-authorized"), "a wrong password was taken")
    ok(plain(x, "", "alice", "secret-alice").matches("{sasl}success"), "no second try")
