"""Row 59: CONNECT to an IP address, to another port, to what is no hash, BIND and UDP: refused and closed; nothing is dialled."""
from talk import *


def run(t):
    ferry = t.ferry(users=["alice"])
    host, port = ferry.address("proxy65")
    trap = t.streamhost()
    key = "0123456789abcdef" * 2 + "01234567"
    for ask, rep in ((dict(address=b"\x7f\0\0\1", kind=1, port=trap.port), 8), (dict(address=b"\0" * 15 + b"\1", kind=4, port=80), 8),
                     (dict(address=key, port=80), 2), (dict(address="x" * 40), 2), (dict(address="localhost", port=trap.port), 2),
                     (dict(address=key[:39]), 2), (dict(address=key, command=2), 7), (dict(address=key, command=3), 7)):
        wire = t.socks(host, port)
        wire.greet()
        eq(wire.chosen(), 0)
        wire.ask(**ask)
        eq(wire.answered()[0], rep, f"reply to {ask}")
        wire.expect_eof()
    wire = t.socks(host, port)
    wire.greet(b"\x02")
    eq(wire.chosen(), 0xFF)
    wire.expect_eof()
    wire = t.socks(host, port)
    wire.write(b"\x04\x01\x00\x50\x7f\x00\x00\x01\x00")
    wire.expect_eof()
    eq(trap.count, 0, "connections the proxy made")
