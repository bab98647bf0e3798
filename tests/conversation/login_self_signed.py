"""With no certificate configured a pair is made in the spool once, for the domain and its services, its key readable by nobody
else."""
import os

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    x = t.xmpp(ferry, tls="direct")
    der = x.sock.getpeercert(True)
    text = t.command(["openssl", "x509", "-inform", "DER", "-noout", "-text", "-in", t.write("c.der", der)]).out.decode()
    for name in "DNS:localhost", "DNS:upload.localhost", "DNS:proxy.localhost":
        ok(name in text, f"{name} is missing")
    eq(os.stat(os.path.join(ferry.spool, "tls.key")).st_mode & 0o777, 0o600)
    ferry.reload("reloaded ")
    ferry.restart()
    eq(t.xmpp(ferry, tls="direct").sock.getpeercert(True), der)
