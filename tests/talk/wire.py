"""The wires of a conversation: connections of the actors, by TCP and TLS, and what listens for them."""
import select
import socket
import ssl
import struct
import time

from .core import LIMIT, Failure, short


class Wire:
    """One socket (plain or TLS) of an actor: bytes in `inbuf`, written without ever blocking the reading."""

    def __init__(self, t, name, sock):
        self.t, self.name, self.sock = t, name, sock
        self.inbuf, self.eof, self.was_reset, self.paused, self.open = bytearray(), False, False, False, True
        self.was_cut = False  # TLS: the other side ended without saying so (close_notify)
        self.quiet = False  # True: bytes are not put into the transcript (bulk data)
        self.received = 0
        sock.setblocking(False)
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        t.wires.append(self)

    def fileno(self):
        return self.sock.fileno()

    @property
    def tls(self):
        return isinstance(self.sock, ssl.SSLSocket)

    def readable(self):
        """Takes what is there. Called by the pump."""
        got = False
        while self.open and not self.eof and not self.paused:
            try:
                data = self.sock.recv(65536)
            except (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError):
                break
            except (ConnectionResetError, BrokenPipeError):
                self.eof = self.was_reset = True
                self.t.note(self.name, "<<", "(connection reset)")
                break
            except ssl.SSLError as e:
                self.eof = True
                self.was_cut = isinstance(e, ssl.SSLEOFError)
                self.t.note(self.name, "<<", f"(TLS: {e.reason})")
                break
            if not data:
                self.eof = True
                self.t.note(self.name, "<<", "(connection closed)")
                break
            got = True
            self.received += len(data)
            if not self.quiet:
                self.t.note(self.name, "<<", data)
            self.inbuf += data
            if not self.tls and len(data) < 65536:
                break
        if got:
            self.on_data()

    def on_data(self):
        """What an actor does with new bytes."""

    def write(self, data, limit=None, quiet=None):
        """Sends all of it, reading meanwhile. False if the other side has gone."""
        if isinstance(data, str):
            data = data.encode()
        if not (self.quiet if quiet is None else quiet):
            self.t.note(self.name, ">>", data)
        view, end = memoryview(data), time.monotonic() + (LIMIT if limit is None else limit)
        while view:
            want = select.POLLOUT
            try:
                view = view[self.sock.send(view[:65536]):]
                continue
            except ssl.SSLWantReadError:
                want = select.POLLIN
            except (ssl.SSLWantWriteError, BlockingIOError):
                pass
            except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
                self.t.note(self.name, ">>", "(the other side has gone)")
                return False
            left = end - time.monotonic()
            if left <= 0:
                raise Failure(f"{self.name}: could not send, {len(view)} bytes are left: nobody reads")
            self.t.turn(left, writer=self, write_events=want)
        return True

    def write_bytewise(self, data):
        """Every byte in a segment of its own."""
        data = data.encode() if isinstance(data, str) else data
        self.t.note(self.name, ">>", b"(byte by byte) " + data)
        return all(self.write(data[i:i + 1], quiet=True) for i in range(len(data)))

    def start_tls(self, context=None, name="localhost", session=None):
        """The TLS handshake, as a client, on this socket."""
        context = context or tls_context()
        self.sock.settimeout(LIMIT)
        try:
            self.sock = context.wrap_socket(self.sock, server_hostname=name, session=session, suppress_ragged_eofs=False)
        except (OSError, ssl.SSLError) as e:
            self.open = False
            raise Failure(f"{self.name}: TLS handshake: {e}")
        self.sock.setblocking(False)
        self.t.note(self.name, "--", f"TLS: {self.sock.version()} {self.sock.cipher()[0]}")

    def need(self, count, limit=None):
        """Waits for `count` bytes and takes them."""
        self.t.pump(lambda: len(self.inbuf) >= count or self.eof, f"{count} bytes for {self.name}", limit)
        if len(self.inbuf) < count:
            raise Failure(f"{self.name}: the other side closed after {len(self.inbuf)} of {count} bytes")
        data = bytes(self.inbuf[:count])
        del self.inbuf[:count]
        return data

    def need_until(self, mark, limit=None):
        """Waits for `mark` and takes all up to its end."""
        self.t.pump(lambda: mark in self.inbuf or self.eof, f"{mark!r} for {self.name}", limit)
        at = self.inbuf.find(mark)
        if at < 0:
            raise Failure(f"{self.name}: the other side closed; it had sent {short(bytes(self.inbuf))}")
        return self.need(at + len(mark))

    def read_all(self, limit=None):
        """Waits for the other side's end; returns all bytes before it."""
        self.t.pump(lambda: self.eof, f"the end of what {self.name} receives", limit)
        data = bytes(self.inbuf)
        self.inbuf.clear()
        return data

    def expect_eof(self, limit=None):
        self.t.pump(lambda: self.eof, f"the connection of {self.name} to be closed", limit)

    def shut(self):
        """Half-close: no more from this side (TLS: without a close_notify)."""
        self.t.note(self.name, ">>", "(half-close)")
        try:
            socket.socket.shutdown(self.sock, socket.SHUT_WR)  # that of SSLSocket would end TLS
        except OSError:
            pass

    def close(self):
        if self.open:
            self.open = False
            self.sock.close()
        if self in self.t.wires:
            self.t.wires.remove(self)

    def abort(self):
        """Closes with a reset."""
        if self.open:
            self.t.note(self.name, ">>", "(reset)")
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close()


class Listener:
    """A TCP listener of an actor: `accept()` waits for one connection and gives its Wire."""

    def __init__(self, t, name, host="127.0.0.1", port=0, backlog=16):
        self.t, self.name, self.queue, self.count = t, name, [], 0
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.sock = socket.socket(family, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(backlog)
        self.sock.setblocking(False)
        self.host, self.port = self.sock.getsockname()[:2]
        self.open, self.eof, self.paused = True, False, False
        t.wires.append(self)

    def fileno(self):
        return self.sock.fileno()

    def readable(self):
        try:
            sock, peer = self.sock.accept()
        except BlockingIOError:
            return
        self.count += 1
        self.t.note(self.name, "<<", f"(connection from {peer[0]}:{peer[1]})")
        self.queue.append(self.wire(sock))

    def wire(self, sock):
        return Wire(self.t, self.name, sock)

    def accept(self, limit=None):
        self.t.pump(lambda: self.queue, f"a connection to {self.name}", limit)
        return self.queue.pop(0)

    def close(self):
        if self.open:
            self.open = False
            self.sock.close()
            for wire in self.queue:
                wire.close()
        if self in self.t.wires:
            self.t.wires.remove(self)


def tls_context(**options):
    """A client context that takes any certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    for key, value in options.items():
        setattr(context, key, value)
    return context


def dial(t, name, host, port, kind=Wire, source=None, limit=None, rcvbuf=None):
    """Connects; `source` is a local address (127.0.0.2) to come from."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    if rcvbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    if source:
        sock.bind((source, 0))
    sock.settimeout(LIMIT if limit is None else limit)
    try:
        sock.connect((host, port))
    except OSError as e:
        sock.close()
        raise Failure(f"{name}: connect to {host}:{port}: {e}")
    t.note(name, "--", f"connected to {host}:{port}")
    return kind(t, name, sock)
