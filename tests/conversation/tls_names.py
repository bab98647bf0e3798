"""[tls] takes several pairs: the name a client asks for picks one, for HTTPS and XMPP alike; the first is for everybody else. SIGHUP reads
them again: new connections get the new one, old ones go on; a faulty pair keeps what was; ferryd -t says so before."""
import ssl

from talk import *


def pair(t, name, names):
    cert, key = t.path(f"{name}.crt"), t.path(f"{name}.key")
    t.command(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
               f"/CN={name}", "-addext", "subjectAltName=" + ",".join(f"DNS:{n}" for n in names), "-keyout", key, "-out", cert])
    with open(cert, encoding="ascii") as f:
        return ssl.PEM_cert_to_DER_cert(f.read())


def run(t):
    one, two, wild = pair(t, "one", ["one.test", "both.test"]), pair(t, "two", ["two.test", "x.wild.test"]), pair(t, "wild", ["*.wild.test", "both.test"])
    names = "one", "two", "wild"
    ferry = t.ferry(users=["alice"], https=True, conf={"tls.certificate": ", ".join(t.path(f"{n}.crt") for n in names),
                                                       "tls.key": ",".join(f"../{n}.key" for n in names)})

    def shown(name):
        h = t.http(ferry, tls=True, name=name or "nameless")
        der = h.sock.getpeercert(True)
        h.close()
        return der

    def https(name, context=None):
        w = t.dial(*ferry.address("https"), name=name or "nameless")
        w.start_tls(context, name=name)
        return w.sock.getpeercert(True)
    for name, want in (("one.test", one), ("two.test", two), ("a.wild.test", wild), ("x.wild.test", two), ("a.b.wild.test", one), ("wild.test", one),
                       ("both.test", one), ("TWO.test", two), ("other.test", one), (None, one), ("127.0.0.1", one)):
        eq(https(name) == want, True, f"the certificate for {name}")
        if name:
            eq(https(name, tls_context(maximum_version=ssl.TLSVersion.TLSv1_2)) == want, True, f"the certificate for {name} by TLS 1.2")
    w = t.dial(*ferry.address("xmpp_tls"), name="xmpp")
    w.start_tls(name="two.test")
    eq(w.sock.getpeercert(True) == two, True, "XMPP chooses by name too")

    old = t.http(ferry, tls=True, name="old")
    fresh = pair(t, "two", ["two.test"])
    ferry.reload("reloaded ")
    eq(https("two.test") == fresh, True, "the new one")
    eq(https("x.wild.test") == wild, True, "its names are the new ones")
    old.request("GET", "/livez")
    old.expect_status(200)
    with open(t.path("wild.key"), "w", encoding="ascii") as f:
        f.write("no key")
    ok("wild.key" in t.command([build_path(ferry.mode, "ferryd"), "-c", ferry.conf_file, "-t"], code=2).err.decode(), "-t names the file")
    mark = ferry.log_mark()
    ferry.reload("the old configuration stays in force")
    ok(ferry.log_has(r"wild\.key", since=mark), "and so does the log")
    eq((https("two.test") == fresh, https("a.wild.test") == wild), (True, True), "all stay")
    ferry.write_conf(**{"tls.key": t.path("one.key")})
    ok("as many keys" in t.command([build_path(ferry.mode, "ferryd"), "-c", ferry.conf_file, "-t"], code=2).err.decode(), "-t counts")
