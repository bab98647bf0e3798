"""C16: a stream host's IPv6 address is written without brackets; it is dialled when the session comes from there, and
`localhost` means it too."""
import socket

from talk import *


def run(t):
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        skip("no IPv6 here")
    ferry = t.ferry(users=["alice", "bob"], conf={"xmpp.listen": "[::1]:0"})
    alice = t.xmpp(ferry, "alice")
    own = socket.create_server(("::1", 0), family=socket.AF_INET6)
    port = own.getsockname()[1]
    for host in ("::1", "localhost", "0:0:0:0:0:0:0:1"):
        offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
        offer.accepted()
        uid = alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, host, port)])
        own.settimeout(20)
        wire, _ = own.accept()
        wire.settimeout(20)
        eq(wire.recv(3), b"\5\1\0")
        wire.sendall(b"\5\0")
        ask = wire.recv(47)
        wire.sendall(b"\5\0" + ask[2:])
        alice.s5b_used(uid, "bob@localhost", alice.jid)
        wire.sendall(b"1234")
        wire.close()
        take_notice(alice, "stored")
    offer = alice.offer("bob@localhost", "a.txt", b"1234", methods=("s5b",))
    offer.accepted()
    expect_error(alice.s5b_query("bob@localhost", offer.sid, [(alice.jid, "127.0.0.1", port)], wait=True), "item-not-found")
    own.close()
