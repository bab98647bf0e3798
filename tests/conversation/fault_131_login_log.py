"""Row 131: names in the log of logins stay on their line, without control characters; passwords are never in it; addresses can be
left out."""
import base64

from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"xmpp.require_tls": "no", "log.addresses": "no", "limits.failed_logins": "50"})
    for name in ("eve\r\nFORGED", "eve\x1b[31m", "eve\u202egnp", 'eve" user="root', "e" * 900):
        x = t.xmpp(ferry, tls=None)
        x.open_stream()
        x.sasl_auth("PLAIN", base64.b64encode(f"\0{name}\0geheim1".encode()).decode())
        x.close()
    x = t.xmpp(ferry, tls=None)
    x.open_stream()
    x.sasl("PLAIN", "alice", "geheim2")
    ferry.log_expect("login-failed .*alice@localhost")
    x.close()
    alice = t.xmpp(ferry, "alice", tls=None, auth="PLAIN")
    alice.sync()
    log = "\n".join(ferry.log)
    ok("\nFORGED" not in log and "\x1b" not in log and "\u202e" not in log and "\r" not in log, "a control character in the log")
    ok("geheim" not in log and ferry.password("alice") not in log, "a password in the log")
    ok('user="root' not in log, "a quote breaks a pair")
    for line in ferry.log:
        if " login" in line or " accepted" in line:
            ok("127.0.0.1" not in line, f"an address: {line}")
        ok(len(line) <= 2048, "a line of more than 2 KiB")
