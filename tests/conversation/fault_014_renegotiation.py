"""Row 14: renegotiation (TLS 1.2) is refused and closes nothing of others; old protocol versions are not spoken."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    alice = t.xmpp(ferry, "alice")
    host, port = ferry.address("xmpp_tls")
    p = t.spawn(["openssl", "s_client", "-connect", f"{host}:{port}", "-tls1_2", "-legacy_renegotiation"], stdin=True)
    p.expect_line("Verify return code")
    p.send("R")  # asks for a renegotiation
    t.pump(lambda: b"no renegotiation" in p.out + p.err or p.code is not None, "the renegotiation to fail")
    ok(b"no renegotiation" in p.out + p.err, "it was not refused")
    p.end()
    for version in "-tls1_1", "-tls1":
        old = t.command(["openssl", "s_client", "-connect", f"{host}:{port}", version, "-cipher", "ALL@SECLEVEL=0"], stdin="", code=None)
        ok(b"Cipher is (NONE)" in old.out or b"alert" in old.err, f"{version} was spoken")
    alice.sync()
