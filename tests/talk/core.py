"""The middle of a conversation: the transcript, the waits and the actors' wires.

One thread serves every actor. Whoever waits (`Talk.pump`) reads for all of them, so an actor nobody is looking at
still answers pings and acknowledgement requests, and two actors can never dead-lock each other. Waits end on events
or fail at LIMIT; nothing here sleeps.
"""
import os
import random
import re
import select
import signal
import socket
import ssl
import struct
import subprocess
import sys
import threading
import time

LIMIT = float(os.environ.get("FERRY_WAIT", "20"))
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, os.environ.get("B", "build"))
MODE = os.environ.get("FERRY_MODE", "asan")
SHOWN = 2000  # characters of one transcript entry
_CONTROLS = {c: f"\\x{c:02x}" for c in [*range(32), 127] if c not in (9, 10)}


class Failure(AssertionError):
    """What was promised did not happen."""


class Skip(Exception):
    """This machine cannot try it (say what is missing)."""


def eq(got, want, why=""):
    if got != want:
        raise Failure(f"{why + ': ' if why else ''}got {short(got)}, wanted {short(want)}")


def ok(cond, why="not so"):
    if not cond:
        raise Failure(why)
    return cond


def skip(why):
    raise Skip(why)


def short(value, size=600):
    text = repr(value)
    return text if len(text) <= size else f"{text[:size]}... ({len(text)} characters)"


def build_path(mode, name):
    return os.path.join(BUILD, mode, name)


class Talk:
    """One conversation: makes the actors, keeps the transcript, ends what it began."""

    def __init__(self, name, folder):
        self.name, self.folder = name, folder
        self.start = time.monotonic()
        self.lines, self.lock = [], threading.Lock()
        self.wires, self.ferries, self.procs = [], [], []
        self.number = 0
        # A thread (a log reader) that has news for a waiting pump writes here.
        self.wake_r, self.wake_w = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)

    # --- transcript ---------------------------------------------------------------------------------------
    def note(self, who, arrow, text):
        if isinstance(text, (bytes, bytearray)):
            text = bytes(text).decode("utf-8", "backslashreplace")
        text = text.replace("\r\n", "\n").translate(_CONTROLS)
        if len(text) > SHOWN:
            text = f"{text[:SHOWN - 300]} ... ({len(text)} characters) ... {text[-200:]}"
        with self.lock:
            self.lines.append(f"{time.monotonic() - self.start:8.3f} {who:>10} {arrow} {text}")

    def say(self, text):
        """A remark of the test in the transcript."""
        self.note("test", "--", text)

    def transcript(self, last=600):
        with self.lock:
            cut = len(self.lines) - last
            return ([f"({cut} lines before)"] if cut > 0 else []) + self.lines[-last:]

    # --- waiting ------------------------------------------------------------------------------------------
    def wake(self):
        try:
            os.write(self.wake_w, b"w")
        except BlockingIOError:
            pass

    def pump(self, until, what, limit=None):
        """Serves all actors until `until()` is true; its value is returned. Fails after `limit` seconds."""
        limit = LIMIT if limit is None else limit
        end = time.monotonic() + limit
        while True:
            value = until()
            if value:
                return value
            left = end - time.monotonic()
            if left <= 0:
                raise Failure(f"waited {limit:g} s for {what}")
            self.turn(min(left, 0.2))  # no actor tells when a file of the spool comes or goes

    def turn(self, left, writer=None, write_events=select.POLLOUT):
        poll = select.poll()
        poll.register(self.wake_r, select.POLLIN)
        by_fd = {}
        for wire in self.wires:
            if wire.open and not wire.eof and not wire.paused:
                by_fd[wire.fileno()] = wire
                poll.register(wire.fileno(), select.POLLIN)
        if writer:
            both = select.POLLIN if writer.fileno() in by_fd else 0
            poll.register(writer.fileno(), write_events | both)
        for fd, event in poll.poll(max(1, int(left * 1000 + 0.999))):
            if fd == self.wake_r:
                try:
                    os.read(fd, 4096)
                except BlockingIOError:
                    pass
            elif fd in by_fd and event & (select.POLLIN | select.POLLHUP | select.POLLERR):
                by_fd[fd].readable()

    # --- processes ----------------------------------------------------------------------------------------
    def spawn(self, argv, name=None, stdin=None, env=None, cwd=None):
        return Proc(self, argv, name or os.path.basename(argv[0]), stdin, env, cwd)

    def command(self, argv, stdin=None, code=0, env=None, limit=None, name=None, cwd=None):
        """Runs a program to its end; fails unless it exits with `code` (None: any). Returns the Proc."""
        proc = self.spawn(argv, name, stdin, env, cwd)
        proc.wait(limit)
        if code is not None and proc.code != code:
            raise Failure(f"{' '.join(argv)} exited {proc.code}, wanted {code}\n{proc.out.decode('utf-8', 'replace')}"
                          f"{proc.err.decode('utf-8', 'replace')}")
        return proc

    def path(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, data):
        """A file in the test's folder; returns its path."""
        with open(self.path(name), "wb") as f:
            f.write(data.encode() if isinstance(data, str) else data)
        return self.path(name)

    def seed(self):
        """What a monkey's choices follow from: the same in every run, so that a landing fails by what it changed and not by luck;
        MONKEY_SEED=any (`make monkey`) takes another each time, MONKEY_SEED=n repeats that one, as far as threads allow."""
        said = os.environ.get("MONKEY_SEED", "1")
        seed = random.randrange(1, 1 << 30) if said == "any" else int(said)
        self.say(f"MONKEY_SEED={seed}")
        return seed

    def seconds(self, usual):
        """How long a monkey plays: MONKEY_SECONDS (`make monkey` says it), else as long as usual."""
        return float(os.environ.get("MONKEY_SECONDS", usual))

    # --- the end ------------------------------------------------------------------------------------------
    def finish(self, failed):
        """Ends actors, peers and daemons; returns what was wrong with their ending."""
        faults = []
        for wire in list(self.wires):
            wire.close()
        for proc in self.procs:
            proc.end()
        for ferry in self.ferries:
            try:
                ferry.finish(failed)
            except Failure as e:
                faults.append(str(e))
        return faults


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


class Proc:
    """A child in its own session. Output is read as it comes; `wait` also serves the actors."""

    def __init__(self, t, argv, name, stdin=None, env=None, cwd=None):
        self.t, self.name, self.out, self.err, self.code = t, name, b"", b"", None
        t.note(name, "--", "$ " + " ".join(argv))
        full = dict(os.environ, **(env or {}))
        self.child = subprocess.Popen(argv, stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                                      stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=full, cwd=cwd,
                                      start_new_session=True)
        self.pid = self.child.pid
        t.procs.append(self)
        self.threads = [threading.Thread(target=self._read, args=(pipe, attr), daemon=True)
                        for pipe, attr in ((self.child.stdout, "out"), (self.child.stderr, "err"))]
        self.threads.append(threading.Thread(target=self._reap, daemon=True))
        for thread in self.threads:
            thread.start()
        if stdin is not None and stdin is not True:
            self.child.stdin.write(stdin.encode() if isinstance(stdin, str) else stdin)
            self.child.stdin.close()

    def _read(self, pipe, attr):
        while data := os.read(pipe.fileno(), 65536):
            setattr(self, attr, getattr(self, attr) + data)
            self.t.note(self.name, "out" if attr == "out" else "err", data.rstrip(b"\n"))
            self.t.wake()

    def _reap(self):
        code = self.child.wait()
        for thread in self.threads[:2]:
            thread.join(5)
        self.code = code
        self.t.wake()

    def send(self, line):
        """A line to its standard input (spawned with stdin=True)."""
        self.t.note(self.name, "in", line)
        self.child.stdin.write(line.encode() + b"\n")
        self.child.stdin.flush()

    def close_stdin(self):
        self.child.stdin.close()

    def expect_line(self, regex, limit=None):
        """Waits for a line of its output that matches; returns the match."""
        pattern = re.compile(regex, re.M)
        self.t.pump(lambda: pattern.search(self.out.decode("utf-8", "replace")) or self.code is not None,
                    f"{self.name} to print {regex!r}", limit)
        m = pattern.search(self.out.decode("utf-8", "replace"))
        if not m:
            raise Failure(f"{self.name} exited {self.code} without printing {regex!r}:\n{self.err.decode('utf-8', 'replace')}")
        return m

    def wait(self, limit=None):
        self.t.pump(lambda: self.code is not None, f"{self.name} to end", limit)
        return self.code

    def signal(self, number):
        self.t.note(self.name, "--", f"signal {signal.Signals(number).name}")
        self.child.send_signal(number)

    @property
    def text(self):
        return self.out.decode("utf-8", "replace")

    def end(self):
        """Kills it if it still runs (with its session, by pid)."""
        if self.code is None and self.child.poll() is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
            self.child.wait()
        for thread in self.threads:
            thread.join(5)
        for pipe in (self.child.stdin, self.child.stdout, self.child.stderr):
            try:
                pipe and pipe.close()
            except OSError:
                pass


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
