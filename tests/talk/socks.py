"""SOCKS5 by hand: a stream host that clients come to, and a client of one."""
from .core import Failure, eq
from .wire import Listener, Wire, dial


class SocksServerWire(Wire):
    """A connection somebody made to our streamhost."""

    def greeting(self):
        """Reads version and methods; returns the list of methods."""
        version, count = self.need(2)
        eq(version, 5, "SOCKS version")
        return list(self.need(count))

    def request(self):
        """Reads the request; returns (command, address type, address, port)."""
        version, command, reserved, kind = self.need(4)
        eq((version, reserved), (5, 0), "SOCKS request")
        length = {1: 4, 4: 16}[kind] if kind in (1, 4) else self.need(1)[0]
        address = self.need(length)
        return command, kind, address.decode() if kind == 3 else address, int.from_bytes(self.need(2), "big")

    def reply(self, address="", rep=0, version=5, kind=3, port=0):
        raw = address.encode()
        self.write(bytes([version, rep, 0, kind, len(raw)]) + raw + port.to_bytes(2, "big"))

    def serve(self, address=None):
        """The whole handshake; the address asked must be `address` (unless None). Returns the address."""
        methods = self.greeting()
        if 0 not in methods:
            raise Failure(f"SOCKS methods {methods} hold no anonymous one")
        self.write(b"\x05\x00")
        command, kind, asked, port = self.request()
        eq((command, kind, port), (1, 3, 0), "SOCKS request")
        if address is not None:
            eq(asked, address, "SOCKS address (the hash of sid and both JIDs)")
        self.reply(asked)
        return asked


class Streamhost(Listener):
    """A listener that speaks SOCKS5 on demand: accept() gives a SocksServerWire; an unaccepted one stays silent."""

    def wire(self, sock):
        return SocksServerWire(self.t, self.name, sock)


class SocksWire(Wire):
    """A connection of ours to a SOCKS5 server."""

    def greet(self, methods=b"\x00"):
        self.write(bytes([5, len(methods)]) + methods)

    def chosen(self):
        version, method = self.need(2)
        eq(version, 5, "SOCKS version")
        return method

    def ask(self, address, command=1, kind=3, port=0):
        self.write(self.asking(address, command, kind, port))

    @staticmethod
    def asking(address, command=1, kind=3, port=0):
        raw = address.encode() if isinstance(address, str) else address
        return bytes([5, command, 0, kind]) + (bytes([len(raw)]) if kind == 3 else b"") + raw + port.to_bytes(2, "big")

    def answered(self):
        """Reads the reply: (rep, bound address, port)."""
        version, rep, _, kind = self.need(4)
        eq(version, 5, "SOCKS version")
        length = {1: 4, 4: 16}[kind] if kind in (1, 4) else self.need(1)[0]
        address = self.need(length)
        return rep, address.decode() if kind == 3 else address, int.from_bytes(self.need(2), "big")


def socks(t, host, port, address=None, style="steps", name="socks"):
    """Connects to a SOCKS5 server and, given an address, makes the whole handshake, which must succeed.
    style: "steps" (wait for each reply), "bytes" (each byte in a segment), "pipelined" (all in one segment)."""
    wire = dial(t, name, "127.0.0.1" if host == "localhost" else host, port, kind=SocksWire)
    if address is None:
        return wire
    hello, ask = b"\x05\x01\x00", SocksWire.asking(address)
    if style == "pipelined":
        wire.write(hello + ask)
    elif style == "bytes":
        wire.write_bytewise(hello)
    else:
        wire.write(hello)
    eq(wire.chosen(), 0, "SOCKS method")
    if style == "bytes":
        wire.write_bytewise(ask)
    elif style == "steps":
        wire.write(ask)
    eq(wire.answered(), (0, address, 0), "SOCKS reply")
    return wire
