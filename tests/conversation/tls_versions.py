"""TLS 1.2 and 1.3 with http/1.1 by ALPN, nothing older and nothing else; plain HTTP on the TLS port is told so in plain HTTP, and TLS on
the plain port is closed; renegotiation is not had, nor key updates without end."""
import ssl
import warnings

from talk import *


def refused(t, ferry, **options):
    alpn = options.pop("alpn", None)
    context = tls_context(**options)
    if alpn:
        context.set_alpn_protocols(alpn)
    try:
        t.http(ferry, tls=True, context=context)
    except Failure as e:
        return str(e)
    raise Failure("the handshake went well")


def run(t):
    ferry = t.ferry(https=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old = tls_context()
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            t.http(ferry, tls=True, context=old)
            raise AssertionError("TLS 1.1")
        except Failure as e:
            ok("PROTOCOL" in str(e).upper(), str(e))
    ok("no application protocol" in refused(t, ferry, alpn=["h2"]), "only h2")
    both = tls_context()
    both.set_alpn_protocols(["h2", "http/1.1"])
    for context, chosen in ((both, "http/1.1"), (tls_context(), None)):
        h = t.http(ferry, tls=True, context=context)
        eq(h.sock.selected_alpn_protocol(), chosen)
        eq(h.sock.compression(), None)
        h.request("GET", "/livez")
        h.expect_status(200)

    for head in b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", b"PUT /u/x/y HTTP/1.1\r\n":
        plain = t.dial(*ferry.address("https"), name="plain")
        plain.write(head)
        answer = plain.read_all()
        ok(answer.startswith(b"HTTP/1.1 400 ") and b"https://" in answer and b"Connection: close" in answer, answer)
    noise = t.dial(*ferry.address("https"), name="noise")
    noise.write(b"\x05\x01\x00" * 20)
    ok(len(noise.read_all()) < 8, "an alert at most")
    lost = t.dial(*ferry.address("http"), name="lost")
    try:
        lost.start_tls()
        raise AssertionError("TLS on the plain port")
    except Failure:
        pass
    again = t.command(["openssl", "s_client", "-connect", "%s:%d" % ferry.address("https"), "-tls1_2"], stdin="R\n", code=None)
    ok(b"no renegotiation" in again.err + again.out or b"RENEGOTIATING" in again.out + again.err, again.err)
    ok(b"HTTP/1.1 200" not in again.out)
    p = t.spawn(["openssl", "s_client", "-connect", "%s:%d" % ferry.address("https"), "-tls1_3"], stdin=True)
    p.expect_line("Verify return code")
    for i in range(17):
        p.send("K")
        t.pump(lambda: p.out.count(b"KEYUPDATE") + p.err.count(b"KEYUPDATE") > i or p.code is not None, "a key update")
    t.pump(lambda: p.code is not None, "key updates with nothing between them to be the end")
    for proto in "-tls1_2", "-tls1_3":
        p = t.command(["openssl", "s_client", "-connect", "%s:%d" % ferry.address("https"), proto, "-quiet", "-alpn", "http/1.1"],
                      stdin="GET /livez HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", code=None)
        ok(p.out.startswith(b"HTTP/1.1 200 ") and p.out.endswith(b"ok\n"), p.out)
