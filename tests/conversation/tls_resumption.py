"""Sessions are resumed by tickets, in TLS 1.2 and 1.3, also after a reload; another daemon's tickets lead to a whole handshake."""
import ssl

from talk import *


def run(t):
    ferry, other = t.ferry(https=True), t.ferry(https=True)
    for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
        context = tls_context(maximum_version=version)

        def visit(where, session=None):
            h = t.http(where, tls=True, context=context, session=session)
            h.request("GET", "/livez", {"Connection": "close"})
            h.expect_status(200)
            h.closed()
            return h.sock.session_reused, h.sock.session
        reused, session = visit(ferry)
        eq((reused, session.has_ticket), (False, True))
        eq(visit(ferry, session)[0], True, f"resumed by {version.name}")
        ferry.reload("reloaded ")
        eq(visit(ferry, session)[0], True, f"resumed by {version.name} after a reload")
        eq(visit(other, session)[0], False, "by another daemon")
