"""Two served domains: each has its own users, and they talk to each other; services belong to the first."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob@second.example"], conf={"xmpp.domain": "localhost, Second.Example"})
    alice = t.xmpp(ferry, "alice")
    bob = t.xmpp(ferry, "bob@second.example", tls="direct")
    eq((bob.header["from"], bob.bare), ("second.example", "bob@second.example"))
    alice.befriend(bob)
    alice.presence(priority=3)
    bob.take("presence", from_=alice.jid)
    alice.message("bob@second.example", "hello")
    bob.expect("message", body="hello", from_=alice.jid)
    eq(bob.disco_info("second.example")[0], {"server/im"})
    ok("upload.localhost" in bob.disco_items("second.example"), "services")
    for to in ("alice@second.example", "bob@localhost"):
        alice.message(to, "nobody of that name")
        expect_error(alice.expect("message[@type='error']", from_=to), "service-unavailable")
    x = t.xmpp(ferry, tls="direct")
    x.open_stream(to="second.example")
    x.sasl("PLAIN", "alice", "secret-alice")
    ok(not x.eof and x.jid is None, "alice is not of that domain")
    y = t.xmpp(ferry, tls="direct")
    y.open_stream(to="localhost")
    ok(matches(y.sasl("PLAIN", "alice", "secret-alice"), "{sasl}success"), "login")
    y.open_stream(to="second.example", wait=False)  # another domain behind the login
    y.expect_stream_error("host-unknown")
