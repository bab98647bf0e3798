"""Row 62: bytes before the activation are not forwarded, the proxy does not read them; the activation lets them go, none lost."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice", "bob"])
    alice, bob = t.xmpp(ferry, "alice"), t.xmpp(ferry, "bob")
    _, host, port = alice.proxy_address()
    key = dst_addr("s", alice.jid, bob.jid)
    target, requester = t.socks(host, port, key), t.socks(host, port, key, style="pipelined")
    early = bytes(range(256)) * 256
    requester.write(early, quiet=True)
    alice.sync()
    eq(bytes(target.inbuf), b"", "forwarded before the activation")
    eq(alice.activate("s", bob.jid)["type"], "result")
    requester.write(b"in time")
    requester.close()
    target.quiet = True
    eq(target.read_all(), early + b"in time")

    # Who leaves before the activation is noticed, and his place is free.
    key = dst_addr("s2", alice.jid, bob.jid)
    target, requester = t.socks(host, port, key), t.socks(host, port, key)
    requester.close()
    expect_error(alice.activate("s2", bob.jid), "not-allowed")
    requester = t.socks(host, port, key)
    eq(alice.activate("s2", bob.jid)["type"], "result")
    requester.write(b"again")
    eq(target.need(5), b"again")
