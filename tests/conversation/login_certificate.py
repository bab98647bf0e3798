"""The pair of [tls] is used and read again on SIGHUP; with a faulty new one the old one and the old configuration stay."""
import ssl

from talk import *


def pair(t, name):
    t.command(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
               f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", t.path("k.pem"), "-out", t.path("c.pem")])


def shown(t, ferry):
    x = t.xmpp(ferry, tls="direct")
    der = x.sock.getpeercert(True)
    x.close()
    return der


def run(t):
    pair(t, "one.test")
    ferry = t.ferry(users=["alice"], conf={"tls.certificate": t.path("c.pem"), "tls.key": t.path("k.pem")})
    der = lambda: ssl.PEM_cert_to_DER_cert(open(t.path("c.pem")).read())
    first = der()
    eq(shown(t, ferry), first)
    alice = t.xmpp(ferry, "alice")
    pair(t, "two.test")
    ferry.reload("reloaded ")
    eq(shown(t, ferry), der())
    alice.sync()
    second = der()
    t.write("k.pem", "not a key")
    ferry.write_conf(**{"limits.sessions_per_user": "1"})
    ferry.reload("the old configuration stays in force")
    eq(shown(t, ferry), second)
    t.xmpp(ferry, "alice")  # a second session
    alice.sync()
