"""Each login and each failed login is one log line with user and mechanism, with the address unless log.addresses = no."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"], conf={"log.addresses": "no"})
    x = t.xmpp(ferry, tls="direct")
    x.open_stream()
    x.sasl("PLAIN", "alice", "wrong")
    x.sasl("PLAIN", "no body\n", "wrong")
    x.sasl("PLAIN", "alice", "secret-alice")
    ferry.log_expect(r"login-failed user=alice@localhost mechanism=PLAIN why=not-authorized address=-")
    ferry.log_expect(r"login-failed user=malformed mechanism=PLAIN why=not-authorized")
    ferry.log_expect(r" login user=alice@localhost mechanism=PLAIN tls=\S+ address=-")
    eq(sum(bool(re.search(r" login(-failed)? user=", line)) for line in ferry.log), 3, "lines about logins")
    ok(not ferry.log_has("secret-alice|wrong"), "a password was logged")
