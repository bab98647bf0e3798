"""The pair of [tls] is used, read again on SIGHUP, and a faulty new one is logged and changes nothing."""
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
    ferry.reload("certificate reloaded")
    eq(shown(t, ferry), der())
    alice.sync()
    second = der()
    t.write("k.pem", "not a key")
    ferry.reload("not reloaded")
    eq(shown(t, ferry), second)
