"""The daemon under load: its configuration, its users, what it says and how large it is."""
import os
import re
import signal
import subprocess
import sys
import threading
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

CONF = """[xmpp]
domain = localhost
listen = 127.0.0.1:0
require_tls = no
[http]
listen = 127.0.0.1:0
listen_tls = 127.0.0.1:0
[proxy65]
listen = 127.0.0.1:0
[admin]
listen = 127.0.0.1:0
[storage]
dir = spool
max_file_size = 3G
user_quota = 1T
inbox_quota = 1T
reserve = 0
[offers]
accept_from = any
[limits]
per_address = 0
sessions_per_user = 100000
offers_per_user = 100000
requests = 1000000000
"""


class Log:
    """What the daemon says, line by line, as it comes."""

    def __init__(self, stream):
        self.stream, self.lines, self.over = stream, [], False
        self.changed = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.stream:
            with self.changed:
                self.lines.append(line.decode(errors="replace"))
                self.changed.notify_all()
        with self.changed:
            self.over = True
            self.changed.notify_all()

    def wait(self, pattern, seconds, nth=1):
        """The first line, or the nth, that has the pattern, there or to come; None: it does not come."""
        seen, found, left = 0, None, nth

        def look():
            nonlocal seen, found, left
            while found is None and seen < len(self.lines):
                has = re.search(pattern, self.lines[seen])
                left -= has is not None
                found = has if left == 0 else None
                seen += 1
            return found or self.over

        with self.changed:
            self.changed.wait_for(look, seconds)
        return found


class Daemon:
    def __init__(self, folder, users):
        self.folder, self.child = folder, None
        self.conf = os.path.join(folder, "ferryd.conf")
        with open(self.conf, "w", encoding="utf-8") as f:
            f.write(CONF)
        users = "".join(f"u{i}@localhost\tp\n" for i in range(users)) + "off@localhost\tp\n"
        self.ctl("user", "import", stdin=users)

    def start(self):
        began = time.monotonic()
        self.child = subprocess.Popen([os.path.join(TOP, "ferryd"), "-c", self.conf], stderr=subprocess.PIPE)
        self.pid = self.child.pid
        self.log = Log(self.child.stderr)
        ready = self.log.wait(r" ready (.*)", 20)
        if not ready:
            sys.exit("the daemon did not start:\n" + "".join(self.log.lines))
        self.listeners = dict(word.split("=", 1) for word in ready.group(1).split())
        self.ready_s = time.monotonic() - began

    def ctl(self, *args, stdin=None):
        done = subprocess.run([os.path.join(TOP, "ferryctl"), "-c", self.conf, *args], input=stdin, text=True, capture_output=True)
        if done.returncode:
            sys.exit(f"ferryctl {' '.join(args)}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def port(self, name):
        return self.listeners[name].rsplit(":", 1)[1]

    def rss(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1))

    def stop(self):
        if not self.child:
            return
        self.child.send_signal(signal.SIGTERM)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
