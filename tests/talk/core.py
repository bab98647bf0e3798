"""The middle of a conversation: the transcript, the waits and the programs that take part.

One thread serves every actor. Whoever waits (`Talk.pump`) reads for all of them, so an actor nobody is looking at
still answers pings and acknowledgement requests, and two actors can never dead-lock each other. Waits end on events
or fail at LIMIT; nothing here sleeps.
"""
import os
import random
import re
import select
import signal
import subprocess
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
