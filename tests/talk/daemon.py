"""The daemon as an actor: its configuration, its users, its life, its log, its command line."""
import glob
import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import threading

from .core import Failure, build_path, MODE, ROOT

_BAD_LOG = re.compile(r"AddressSanitizer|LeakSanitizer|ThreadSanitizer|UndefinedBehaviorSanitizer|: runtime error: |"
                      r"assertion failed|Assertion .* failed", re.I)
SANITIZER_ENV = {
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1:exitcode=99",
    "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1:exitcode=99",
    "TSAN_OPTIONS": "halt_on_error=0:exitcode=99:second_deadlock_stack=1",
}


class User:
    """An account to be made: user("old", legacy=True), user("root", admin=True, password="x")."""

    def __init__(self, name, password=None, admin=False, legacy=False):
        self.name = name if "@" in name else f"{name}@localhost"
        self.password = f"secret-{name.partition('@')[0]}" if password is None else password
        self.admin, self.legacy = admin, legacy


def user(name, **options):
    return User(name, **options)


def free_port():
    """A TCP port outside the kernel's ephemeral range that is ours until this process ends: we keep it bound. We bind it first
    without SO_REUSEADDR, so that nobody else has it, and set that afterwards, so that a daemon can listen on it."""
    first = os.getpid() % 1200 * 16
    for i in range(1200 * 16):
        keep = socket.socket()
        try:
            keep.bind(("127.0.0.1", 10000 + (first + i) % (1200 * 16)))
        except OSError:
            keep.close()
            continue
        keep.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        _kept.append(keep)
        return keep.getsockname()[1]
    raise Failure("no free port")


_kept = []


def give_ports_back():
    """For a process that plays one conversation after the other: those daemons are gone."""
    while _kept:
        _kept.pop().close()


class Ctl:
    """What ferryctl answered: .code, .out, .err, .rows (TSV, a list of fields per line), .objects (of --json)."""

    def __init__(self, proc):
        self.code, self.out, self.err = proc.code, proc.out.decode(), proc.err.decode()

    @property
    def rows(self):
        return [line.split("\t") for line in self.out.splitlines()]

    @property
    def objects(self):
        return [json.loads(line) for line in self.out.splitlines() if line.strip()]

    @property
    def dict(self):
        """`key<TAB>value` lines as a dict (ferryctl show, status)."""
        return {row[0]: row[1] if len(row) > 1 else "" for row in self.rows}


class Ferry:
    def __init__(self, t, users=(), conf=None, env=None, mode=None, start=True, folder=None, wrapper=(), https=False,
                 ways=False):
        self.t, self.mode, self.env, self.wrapper = t, mode or MODE, dict(env or {}), list(wrapper)
        self.number = len(t.ferries)
        self.name = "ferry" if self.number == 0 else f"ferry{self.number + 1}"
        self.folder = folder or t.path(self.name)
        os.makedirs(self.folder, exist_ok=True)
        self.conf_file = os.path.join(self.folder, "ferryd.conf")
        self.log, self.child, self.reader, self.logs_read = [], None, None, 0
        self.may_fail = False  # a test that wants the daemon to die sets it
        self.users = {}
        port = free_port()
        self.conf = {
            "xmpp.domain": "localhost", "xmpp.listen": "127.0.0.1:0", "xmpp.listen_tls": "127.0.0.1:0",
            "xmpp.listen_legacy": "127.0.0.1:0",
            "http.listen": f"127.0.0.1:{port}", "http.public_url": f"http://localhost:{port}",
            "proxy65.listen": "127.0.0.1:0", "storage.dir": "spool", "storage.reserve": "0",
            "admin.socket": "ferryd.sock", "admin.listen": "127.0.0.1:0", "log.level": "debug",
        }
        self.nginx, self.ways = None, ways if isinstance(ways, str) else ""  # in front of it: see ways.py
        if https or ways:
            self.conf["http.listen_tls"] = "127.0.0.1:0"
        if ways:
            self.conf.update({"http.trusted_proxies": "127.0.0.9", "limits.per_address": "0"})
        self.conf.update(conf or {})
        self.write_conf()
        t.ferries.append(self)
        self.add_users(users)
        if start:
            self.start()

    # --- configuration and accounts -----------------------------------------------------------------------
    def write_conf(self, **changes):
        """Writes ferryd.conf; changes: write_conf(**{"limits.head": "1s"}), None removes a key."""
        self.conf.update(changes)
        sections = {}
        for key, value in self.conf.items():
            if value is not None:
                section, _, name = key.partition(".")
                sections.setdefault(section, []).append(f"{name} = {value}\n")
        with open(self.conf_file, "w", encoding="utf-8") as f:
            f.write("\n".join(f"[{s}]\n" + "".join(lines) for s, lines in sections.items()))

    def add_users(self, users):
        users = [u if isinstance(u, User) else User(u) for u in users]
        plain = [u for u in users if not (u.admin or u.legacy)]
        if plain:
            self.ctl("user", "import", stdin="".join(f"{u.name}\t{u.password}\n" for u in plain))
        for u in users:
            if u.admin or u.legacy:
                self.ctl("user", "add", u.name, *(["--admin"] if u.admin else []),
                         *(["--legacy-digest"] if u.legacy else []), stdin=u.password + "\n")
            self.users[u.name] = u

    def password(self, name):
        jid = name if "@" in name else f"{name}@localhost"
        return self.users[jid].password if jid in self.users else f"secret-{name.partition('@')[0]}"

    # --- life ---------------------------------------------------------------------------------------------
    def start(self, wait=True):
        argv = self.wrapper + [build_path(self.mode, "ferryd"), "-c", self.conf_file]
        if not os.path.exists(argv[len(self.wrapper)]):
            raise Failure(f"{argv[len(self.wrapper)]} is not built")
        self.t.note(self.name, "--", "$ " + " ".join(argv))
        self.started_at = len(self.log)
        self.child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                      stderr=subprocess.PIPE, env={**os.environ, **SANITIZER_ENV, **self.env},
                                      start_new_session=True)
        self.pid, self.code = self.child.pid, None
        self.reader = threading.Thread(target=self._read, args=(self.child,), daemon=True)
        self.reader.start()
        if wait:
            self.ready()
        return self

    def _read(self, child):
        for line in child.stderr:
            line = line.decode("utf-8", "backslashreplace").rstrip("\n")
            self.log.append(line)
            self.t.note(self.name, "log", line)
            self.t.wake()
        self.code = child.wait()
        child.stderr.close()
        self.t.note(self.name, "--", f"exited {self.code}")
        self.t.wake()

    def ready(self, limit=None):
        """Waits for the ready line and reads the listeners out of it."""
        found = []

        def look():
            found[:] = [m for line in self.log[self.started_at:] if (m := re.search(r"\bready\b((?:\s+\w+=\S+)+)", line))]
            return found or self.code is not None
        self.t.pump(look, f"{self.name} to be ready", limit)
        if not found:
            raise Failure(f"{self.name} exited {self.code} before it was ready")
        self.listeners = {}
        for key, value in re.findall(r"(\w+)=(\S+)", found[-1][1]):
            self.listeners.setdefault(key, []).extend(
                (h.strip("[]"), int(p)) for h, p in (one.rsplit(":", 1) for one in value.split(",") if ":" in one)
                if p.isdigit())
        if "xmpp_legacy" in self.listeners:
            self.listeners.setdefault("legacy", self.listeners["xmpp_legacy"])

    def address(self, listener, index=0):
        """(host, port) of xmpp, xmpp_tls, legacy, http, https, proxy65, admin."""
        if not self.listeners.get(listener):
            raise Failure(f"{self.name} has no listener {listener}: {self.listeners}")
        return self.listeners[listener][index]

    def alive(self):
        return self.code is None and self.child is not None

    def wait_exit(self, code=0, limit=None):
        """Waits until the daemon has ended; checks how (code None: any, a negative one: by that signal)."""
        self.t.pump(lambda: self.code is not None, f"{self.name} to end", limit)
        self.child = None
        if code is not None and self.code != code:
            raise Failure(f"{self.name} exited {self.code}, wanted {code}")
        return self.code

    def signal(self, number):
        self.t.note(self.name, "--", f"signal {signal.Signals(number).name}")
        self.child.send_signal(number)

    def stop(self, limit=None):
        """SIGTERM; fails unless it ends with 0."""
        self.signal(signal.SIGTERM)
        self.wait_exit(0, limit)

    def kill9(self):
        self.signal(signal.SIGKILL)
        self.wait_exit(-signal.SIGKILL)

    def restart(self, kill=False):
        """Stops (or kills) it if it runs, and starts it on the same spool. The HTTP port stays."""
        if self.child:
            self.kill9() if kill else self.stop()
        return self.start()

    def reload(self, expect=r"reload", **changes):
        """SIGHUP, with changes of the configuration: reload(**{"limits.head": "1s"}); waits for a log line (regex; None: does not wait).
        A deadline that a test waits for is made short only where nothing else is left to do before it: a loaded machine may hold up
        the test or the daemon for seconds anywhere."""
        if changes:
            self.write_conf(**changes)
        mark = len(self.log)
        self.signal(signal.SIGHUP)
        if expect:
            self.log_expect(expect, since=mark)

    def finish(self, failed):
        if self.child is None:
            return self._check_log()
        if self.code is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.t.pump(lambda: self.code is not None, f"{self.name} to end after SIGTERM", 4 if failed else 20)
            except Failure:
                self.child.kill()
                self.reader.join(5)
                raise
        self.reader.join(5)
        self._check_log()
        if self.code != 0 and not self.may_fail:
            raise Failure(f"{self.name} exited {self.code}")

    def _check_log(self):
        bad = [line for line in self.log if _BAD_LOG.search(line)]
        if bad and not self.may_fail:
            raise Failure(f"{self.name}: {bad[0]}")

    # --- what can be asked --------------------------------------------------------------------------------
    def log_mark(self):
        return len(self.log)

    def log_expect(self, regex, since=0, limit=None):
        """Waits for a log line that matches (from the mark on); returns the match."""
        pattern = re.compile(regex)
        return self.t.pump(lambda: next((m for line in self.log[since:] if (m := pattern.search(line))), None)
                           or (self.code is not None and self._died(regex)), f"log line {regex!r}", limit)

    def _died(self, what):
        self.reader.join(5)
        if any(re.search(what, line) for line in self.log):
            return False
        raise Failure(f"{self.name} exited {self.code} without {what!r}")

    def log_has(self, regex, since=0):
        return any(re.search(regex, line) for line in self.log[since:])

    def ctl(self, *args, stdin=None, code=0, limit=None):
        """ferryctl -c CONF ARGS...; fails unless it exits with `code` (None: any)."""
        argv = [build_path(self.mode, "ferryctl"), "-c", self.conf_file, *map(str, args)]
        return Ctl(self.t.command(argv, stdin=stdin, code=code, env={**SANITIZER_ENV, **self.env}, limit=limit,
                                  name="ferryctl"))

    def url(self, path):
        return self.conf["http.public_url"].rstrip("/") + path

    def https_url(self, path):
        """The same by the first TLS listener; path: also a URL, whose path is taken."""
        if "://" in path:
            path = "/" + path.split("/", 3)[3]
        return f"https://localhost:{self.address('https')[1]}{path}"

    @property
    def spool(self):
        return os.path.join(self.folder, self.conf["storage.dir"])

    def spool_files(self, pattern="**"):
        """Regular files below the spool, relative paths, sorted."""
        return sorted(os.path.relpath(p, self.spool) for p in glob.glob(os.path.join(self.spool, pattern), recursive=True)
                      if os.path.isfile(p))

    def index(self):
        """A connection to the index, as another program might have it."""
        return sqlite3.connect(os.path.join(self.spool, "index.db"), timeout=20, isolation_level=None)

    def hold_index(self):
        """Nobody else can write to the index until what this returns is closed."""
        db = self.index()
        db.execute("BEGIN IMMEDIATE")
        return db

    def rss_kb(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read())[1])

    def fds(self):
        """Open descriptors. The plain build lets only root look; others see its TCP sockets counted."""
        try:
            return len(os.listdir(f"/proc/{self.pid}/fd"))
        except PermissionError:
            pass
        ports = {port for several in self.listeners.values() for _, port in several}
        with open("/proc/net/tcp", encoding="ascii") as f:
            rows = [line.split() for line in f.readlines()[1:]]
        return sum(int(row[1].rpartition(":")[2], 16) in ports and row[9] != "0" for row in rows)  # [9]: inode, 0: nobody's

    def cpu_s(self):
        """Seconds of processor time that its threads have used so far; to the microsecond where the kernel says it so."""
        try:
            spent = 0
            for task in glob.glob(f"/proc/{self.pid}/task/*/schedstat"):
                with open(task, encoding="ascii") as f:
                    spent += int(f.read().split()[0])
            if spent:
                return spent / 1e9
        except OSError:
            pass
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as f:
            fields = f.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def source(path):
    """A path in the source tree."""
    return os.path.join(ROOT, path)
